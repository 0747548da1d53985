import type { Plan, Stage } from './plan.ts';
import type { Problem } from './problem.ts';

export const mostTogether = 32;
/** A request that waits longer for others is better off alone. */
export const longestBatchWait = 3600;

/** Whether any of them executes requests together. */
export const hasBatches = (stages: readonly Stage[]): boolean =>
  stages.some(({ batch }) => batch !== undefined);

/** What is wrong with the batches of a plan's stages, one sentence each; whether their nodes are the graph's is asked elsewhere. */
export function batchFaults(
  { batchable = [] }: Pick<Problem, 'batchable'>,
  { stages, mix, policies }: Pick<Plan, 'stages' | 'mix' | 'policies'>,
): string[] {
  const variants = mix?.variants ?? [];
  if (![...stages, ...variants.flatMap((way) => way.stages)].some(asksForBatches)) return [];
  if (mix !== undefined || policies !== undefined) {
    const other = mix === undefined ? 'policies' : 'a mix';
    return [`The plan has batches and ${other}, expected one of them: requests of a batch run alike.`];
  }
  const apart = new Set(batchable);
  return stages.flatMap((stage, index) => [...sizeFaults(stage, index), ...nodeFaults(stage, index, apart)]);
}

const asksForBatches = ({ batch, batchWaitSeconds }: Stage): boolean =>
  batch !== undefined || batchWaitSeconds !== undefined;

function sizeFaults({ batch, batchWaitSeconds }: Stage, index: number): string[] {
  const wait: number = batchWaitSeconds ?? 0;
  const faults: string[] = [];
  if (batch === undefined) {
    if (wait > 0) faults.push(`Stage ${index} waits ${wait} s for a batch, and has none.`);
  } else if (!Number.isInteger(batch) || batch < 2 || batch > mostTogether)
    faults.push(
      `Stage ${index} executes ${batch} requests together, expected a whole number from 2 to ${mostTogether}.`,
    );
  if (!(wait >= 0 && wait <= longestBatchWait))
    faults.push(
      `Stage ${index} waits ${wait} s for a batch, expected a time from 0 to ${longestBatchWait} s.`,
    );
  return faults;
}

function nodeFaults({ batch, nodes }: Stage, index: number, apart: ReadonlySet<number>): string[] {
  const mixing = batch === undefined ? undefined : nodes.find((node) => !apart.has(node));
  if (mixing === undefined) return [];
  return [
    `Stage ${index} executes requests together, and node ${mixing} is not known to keep the rows of a batch apart.`,
  ];
}
