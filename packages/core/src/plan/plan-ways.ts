import { weightedTurns } from '../search/weighted-turns.ts';
import { variantPlans } from './mix.ts';
import type { Plan, Stage, Transfer } from './plan.ts';
import type { Problem } from './problem.ts';
import { transfersOf } from './transfers-of.ts';

/** How a plan's requests run: each by one of `ways`, in turn. */
export interface PlanWays {
  /** Plans without mix and replicas; the first has the stages of the plan itself, each on its own device. */
  readonly ways: readonly [Plan, ...Plan[]];
  /** Positions in `ways`, in the order in which requests start, again from the beginning after its end. */
  readonly pattern: readonly number[];
}

export const hasReplicas = (stages: readonly Stage[]): boolean =>
  stages.some(({ replicas }) => replicas !== undefined);

/** Every way in which requests run: those of the mix, or one for each set of replicas that take a request together. */
export function planWays(problem: Problem, plan: Plan): PlanWays {
  if (plan.mix !== undefined) {
    const { mix, ...own } = plan;
    const [, ...others] = variantPlans(plan);
    return { ways: [own, ...others], pattern: mix.pattern };
  }
  return hasReplicas(plan.stages) ? replicaWays(problem, plan) : { ways: [plan], pattern: [0] };
}

function replicaWays(problem: Problem, plan: Plan): PlanWays {
  const ways: [Plan, ...Plan[]] = [wayOn(problem, plan, plan.stages.map(onOwnDevice))];
  const known = new Map([[keyOf(plan.stages), 0]]);
  const pattern = stageTurns(plan.stages).map((stages) => {
    const key = keyOf(stages);
    const at = known.get(key) ?? ways.push(wayOn(problem, plan, stages)) - 1;
    known.set(key, at);
    return at;
  });
  return { ways, pattern };
}

const keyOf = (stages: readonly Stage[]): string => JSON.stringify(stages.map(({ device }) => device));

const onOwnDevice = ({ replicas: _replicas, ...stage }: Stage): Stage => stage;

function wayOn(problem: Problem, plan: Plan, stages: readonly Stage[]): Plan {
  const codecs = new Map(plan.transfers.map((transfer) => [crossing(transfer), transfer.codec]));
  const transfers = transfersOf(problem, stages).map((transfer) => {
    const codec = codecs.get(crossing(transfer));
    return codec === undefined ? transfer : { ...transfer, codec };
  });
  return { ...plan, stages, transfers };
}

const crossing = ({ tensor, from, to }: Transfer): string => JSON.stringify([tensor, from, to]);

/** How many requests it takes until all stages are at their first replicas again. */
export function replicaPeriod(stages: readonly Stage[]): number {
  return patternsOf(stages).reduce((period, { length }) => leastCommonMultiple(period, length), 1);
}

const patternsOf = (stages: readonly Stage[]): (readonly number[])[] =>
  stages.map(({ replicas }) =>
    replicas === undefined ? [0] : weightedTurns(replicas.map(({ weight }) => weight)),
  );

/** The stages of each request of the pattern, every one on the device whose turn it is. */
function stageTurns(stages: readonly Stage[]): Stage[][] {
  const patterns = patternsOf(stages);
  return Array.from({ length: replicaPeriod(stages) }, (_, ticket) =>
    stages.map(({ replicas, ...stage }, at) => {
      const turns = patterns[at] ?? [];
      const device = replicas?.[turns[ticket % turns.length] ?? 0]?.device ?? stage.device;
      return { ...stage, device };
    }),
  );
}

function leastCommonMultiple(left: number, right: number): number {
  let [divisor, rest] = [left, right];
  while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  return Math.min((left / divisor) * right, Number.MAX_SAFE_INTEGER);
}

/** `transfersOf` the stages on any of their replicas: what some request needs, each (tensor, from, to) once. */
export function replicaTransfers(problem: Problem, stages: readonly Stage[]): Transfer[] {
  if (!hasReplicas(stages)) return transfersOf(problem, stages);
  const found = new Map<string, Transfer>();
  for (const turn of new Map(stageTurns(stages).map((one) => [keyOf(one), one])).values())
    for (const transfer of transfersOf(problem, turn)) found.set(crossing(transfer), transfer);
  return [...found.values()];
}
