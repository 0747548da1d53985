import { ExecutionError } from '@tandem/core';
import type { Deployment, Route } from '@tandem/runtime';

/** The version under which a stage runs on its own, beside the whole plan's. */
export const stageVersion = (stage: number): number => 1001 + stage;

/** One stage of a deployment as a deployment of its own: the gateway gives what it reads and gets what it makes. */
export function singleStage(whole: Deployment, stage: number): Deployment {
  const own = whole.stages.find((other) => other.stage === stage);
  if (own === undefined) throw new ExecutionError(`no stage ${stage}`, 'Report this: it should not happen.');
  const route = (tensor: string, from: string | null, to: string | null): Route => {
    return { tensor, from, to, codec: { kind: 'raw' } };
  };
  return {
    ...whole,
    version: stageVersion(stage),
    stages: [{ ...own, stage: 0 }],
    routes: [
      ...own.inputs.map((tensor) => route(tensor, null, own.device)),
      ...own.outputs.map((tensor) => route(tensor, own.device, null)),
    ],
  };
}
