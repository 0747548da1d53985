import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import type { DynamicsSettings } from '../schedule/dynamics/dynamics-state.ts';
import { planOptionOf } from './plan-option-of.ts';
import type { Scenario } from './scenario.ts';
import { type PipelineOptions, pipelineOf, scenarioOf } from './scenario-of.ts';

/**
 * A scenario whose requests begin under the first of the plans, and whose gateway may switch to any of them. Throws InvalidInputError as
 * `evaluate` does.
 */
export function adaptiveScenario(
  problem: Problem,
  [first, ...others]: readonly [Plan, ...Plan[]],
  options: PipelineOptions = {},
  settings: Omit<DynamicsSettings, 'options' | 'current'> = {},
): Scenario & { readonly adaptation: DynamicsSettings } {
  const scenario = scenarioOf(problem, first, options);
  const silent = { ...options, arrivals: { kind: 'trace', atSeconds: [] } } as const;
  return {
    ...scenario,
    pipelines: [...scenario.pipelines, ...others.map((plan) => pipelineOf(problem, plan, silent))],
    adaptation: {
      ...settings,
      options: [first, ...others].map((plan) => planOptionOf(problem, plan)),
      current: first.version,
    },
  };
}
