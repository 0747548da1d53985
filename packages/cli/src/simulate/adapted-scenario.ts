import {
  type AdaptationEvent,
  adaptiveScenario,
  type Metrics,
  type Plan,
  planEnvelope,
  type Scenario,
  type ScenarioDocument,
} from '@tandem/core';
import { metricsText } from '../metrics/metrics-text.ts';
import { chooseContext, envelopePlannersFor, plannersNamed } from '../plan/choose-plan.ts';
import type { Prepared } from '../plan/prepare.ts';

/** The scenario with a gateway that may leave the plan for one made beforehand for other conditions; null where it is not asked to. */
export async function adaptedScenario(
  prepared: Prepared,
  plan: Plan,
  document: ScenarioDocument,
  signal: AbortSignal,
): Promise<Pick<Scenario, 'pipelines' | 'adaptation'> | null> {
  if (document.adaptation === null) return null;
  const { planner, ...settings } = document.adaptation;
  const { problem } = prepared;
  const names = planner === undefined ? envelopePlannersFor(problem, plan) : plannersNamed(planner);
  const all = await planEnvelope(problem, names, chooseContext(prepared, signal), { first: plan });
  const priorities = [...new Set(document.pipeline.priorities)].sort((left, right) => left - right);
  const { pipelines, adaptation } = adaptiveScenario(
    problem,
    [plan, ...all.filter(({ version }) => version !== plan.version)],
    document.pipeline,
    { ...settings, ...(priorities.length === 0 ? {} : { priorities }) },
  );
  return { pipelines, adaptation };
}

/** What adapting came to. */
export interface Adapted {
  readonly metrics: Metrics;
  /** Of those that could be switched to, the plan of the scenario among them. */
  readonly plans: number;
  /** Every decision in turn, what was weighed and left included. */
  readonly decisions: readonly AdaptationEvent[];
}

export function adaptedText(fixed: Metrics, { metrics, plans, decisions }: Adapted): string {
  const told = decisions.filter(({ reaction }) => reaction !== 'stay');
  return [
    'The plan is kept:',
    metricsText(fixed, []),
    '',
    `The gateway adapts, with ${plans} plans to choose from:`,
    metricsText(metrics, []),
    '',
    ...told.map(
      ({ atSeconds, dynamic, reaction, saw, why }) =>
        `  ${atSeconds.toFixed(2)} s  ${dynamic}: ${reaction}, because ${saw}; ${why}`,
    ),
    told.length === 0 ? 'It saw nothing to react to.' : '',
  ].join('\n');
}
