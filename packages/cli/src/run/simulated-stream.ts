import {
  type Metrics,
  metricsOf,
  type Plan,
  type Problem,
  pipelineOf,
  powerFigures,
  scenarioOf,
  seconds,
  simulate,
} from '@tandem/core';
import { tracesOfModels } from '../beside/model-versions.ts';
import type { StreamWanted } from './stream-run.ts';

/** A model's stream, under its plan's version (`versionBeside`). */
export interface StreamedModel {
  readonly problem: Problem;
  readonly plan: Plan;
  readonly stream: StreamWanted;
  readonly priority?: number;
}

/** What the simulator says of the streams that `run --requests` sends, of each model's alone: as the plans run them at the same time, at their predicted times. */
export function simulatedStreams(models: readonly [StreamedModel, ...StreamedModel[]]): readonly Metrics[] {
  const [{ problem, plan }] = models;
  const pipelines = models.map((model) => pipelineOf(model.problem, model.plan, optionsOf(model)));
  const trace = simulate({ ...scenarioOf(problem, plan), pipelines });
  const traces = tracesOfModels(trace, models.length);
  return models.flatMap((model, place) => {
    const own = traces[place];
    return own === undefined ? [] : metricsOf(own, { power: powerFigures(model.problem, model.plan) });
  });
}

function optionsOf({ stream, priority }: StreamedModel): Parameters<typeof pipelineOf>[2] {
  const { requests, atSeconds, window, ordered } = stream;
  const arrivals =
    atSeconds === null
      ? ({ kind: 'batch', requests } as const)
      : ({ kind: 'trace', atSeconds: atSeconds.map(seconds) } as const);
  const importance = priority === undefined ? {} : { priority };
  return { arrivals, window, ordered, waiting: requests, ...importance };
}
