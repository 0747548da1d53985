import {
  type BesideModel,
  type Cluster,
  clusterBeside,
  type Metrics,
  type Plan,
  pipelineOf,
  type Report,
  type Scenario,
  type ScenarioPipeline,
  type TraceEvent,
  TraceMeter,
  traceHeader,
} from '@tandem/core';
import { modelOf, versionBeside } from '../beside/model-versions.ts';
import { planBeside } from '../beside/plan-beside.ts';
import type { Output } from '../output.ts';
import { type Prepared, prepare } from '../plan/prepare.ts';
import { formatSeconds } from '../quantities.ts';

/** Another model of a scenario with its plan. */
export interface PlannedBeside {
  readonly prepared: Prepared;
  readonly plan: Plan;
  readonly report: Report;
  readonly pipeline: BesideModel['pipeline'];
}

/** The other models, each planned with the memory that those before it leave of `cluster`, until `use` has ended. */
export async function withPlannedBeside<Result>(
  beside: readonly BesideModel[],
  { wishes, cluster }: { readonly wishes: Parameters<typeof prepare>[1]; readonly cluster: Cluster },
  signal: AbortSignal,
  output: Output,
  use: (planned: readonly PlannedBeside[]) => Promise<Result>,
): Promise<Result> {
  const planned: PlannedBeside[] = [];
  const opened: Prepared[] = [];
  let left = cluster;
  try {
    for (const { model, pipeline, ...wanted } of beside) {
      const prepared = await prepare(model, wishes, output);
      opened.push(prepared);
      const { plan, report } = await planBeside(prepared, { ...wanted, isCompressed: false }, left, signal);
      left = clusterBeside(left, report.devices);
      const version = versionBeside(opened.length);
      planned.push({ prepared, plan: { ...plan, version }, report, pipeline });
    }
    return await use(planned);
  } finally {
    for (const { loaded } of opened) await loaded.close();
  }
}

export const pipelinesBeside = (planned: readonly PlannedBeside[]): readonly ScenarioPipeline[] =>
  planned.map(({ prepared, plan, pipeline }) => pipelineOf(prepared.problem, plan, pipeline));

/** What became of one model's requests alone. */
export interface ModelMetrics {
  readonly model: string;
  readonly requests: Metrics['requests'];
  readonly latencySeconds: Metrics['latencySeconds'];
}

/** Measures each model of a scenario apart, from the events of all. */
export class ModelMeters {
  readonly #meters: readonly TraceMeter[];
  readonly #models: readonly string[];

  /** The scenario's own model goes before those beside it. */
  constructor(scenario: Scenario, models: readonly string[]) {
    this.#models = models;
    this.#meters = models.map(() => new TraceMeter(traceHeader(scenario)));
  }

  push(event: TraceEvent): number {
    this.#meters[modelOf(event) ?? -1]?.add(event);
    return 0;
  }

  metrics(): readonly ModelMetrics[] {
    return this.#meters.map((meter, at) => modelMetrics(this.#models[at] ?? '', meter.metrics({})));
  }
}

export const modelMetrics = (model: string, { requests, latencySeconds }: Metrics): ModelMetrics => ({
  model,
  requests,
  latencySeconds,
});

export function modelsText(models: readonly ModelMetrics[]): string {
  return models
    .map(({ model, requests: { answered, arrived, failed }, latencySeconds: spread }) => {
      const times =
        spread === null ? '' : `, mean ${formatSeconds(spread.mean)}, p99 ${formatSeconds(spread.p99)}`;
      return `  ${model}: ${answered} of ${arrived} answered, ${failed} failed or shed${times}`;
    })
    .join('\n');
}
