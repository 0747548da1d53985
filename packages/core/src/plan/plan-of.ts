import type { Claim, Plan, Stage, Transfer, Why } from './plan.ts';
import { replicaTransfers } from './plan-ways.ts';
import type { Policies } from './policies.ts';
import type { Problem } from './problem.ts';
import type { TransferCodec } from './transfer-codec.ts';

export interface PlanOptions {
  readonly claim?: Claim;
  readonly why?: Why;
  /** @default 1 */
  readonly version?: number;
  /** @default every device at its highest */
  readonly frequency?: Plan['frequency'];
  /** What is decided request by request. @default nothing */
  readonly policies?: Policies;
  /** How each tensor that crosses travels. @default raw */
  readonly codecOf?: CodecOf;
}

/** How a tensor that crosses travels. */
export type CodecOf = (transfer: Omit<Transfer, 'codec'>) => TransferCodec;

/** The plan that runs `stages` in this order; empty ones are left out and the transfers follow from the rest. */
export function planOf(
  problem: Problem,
  problemDigest: string,
  stages: readonly Stage[],
  planner: string,
  options: PlanOptions = {},
): Plan {
  const filled = stages.filter(({ nodes }) => nodes.length > 0).map(orderedStage);
  return {
    problemDigest,
    version: options.version ?? 1,
    planner,
    stages: filled,
    transfers: transfersWith(options.codecOf, replicaTransfers(problem, filled)),
    ...(options.frequency === undefined ? {} : { frequency: options.frequency }),
    ...(options.policies === undefined ? {} : { policies: options.policies }),
    ...(options.claim === undefined ? {} : { claim: options.claim }),
    why: options.why ?? unexplained(planner, options.claim),
  };
}

/** The same transfers, each with its codec; as they are where `codecOf` is absent. */
export function transfersWith(
  codecOf: CodecOf | undefined,
  transfers: readonly Transfer[],
): readonly Transfer[] {
  if (codecOf === undefined) return transfers;
  return transfers.map(({ tensor, from, to }) => ({
    tensor,
    from,
    to,
    codec: codecOf({ tensor, from, to }),
  }));
}

function orderedStage(stage: Stage): Stage {
  return { ...stage, nodes: [...stage.nodes].sort((left, right) => left - right) };
}

function unexplained(planner: string, claim: Claim | undefined): Why {
  return {
    sentence: `Placed by '${planner}' without a comparison.`,
    figure: claim?.figure ?? 'latencySeconds',
    value: claim?.value ?? 0,
    runnerUp: null,
  };
}
