import {
  bytesPerSecond,
  coinferFleet,
  createRandom,
  type Graph,
  InvalidInputError,
  JointProblem,
  type Problem,
  plannersEffort,
  type RunningPlan,
  SuffixSearch,
  type UnitRun,
} from '@tandem/core';
import { type Breakpoint, type Copy, checkpointCopies } from './checkpoint-copies.ts';

/** What a fleet takes to go on, in seconds. */
export interface FailureSetting {
  readonly detectionSeconds: number;
  readonly replanningSeconds: number;
  /** At which boards read weights that they keep; ∞ = whatever they could need is in their memory. */
  readonly loadingBytesPerSecond: number;
  /** Whether what units make is copied on while links are idle. */
  readonly copiesCheckpoints: boolean;
  /** What boards have, over what the network needs of them together; the plan is made for `planRoom`. */
  readonly room: number;
}

/** A device that dies while it, or others before it, are at work on a request. */
export interface Failure {
  /** The share of the undisturbed time that had passed. */
  readonly progress: number;
  /** What repair saves of the time from the request's start to its answer, against a start from scratch when the failure is known. */
  readonly saved: number;
  /** Of the repair: until weights are there, and until the first unit that is left has its inputs. */
  readonly weightSeconds: number;
  readonly checkpointSeconds: number;
}

export interface FleetFailures {
  readonly failures: readonly Failure[];
  /** Where the boards that are left cannot hold the network. */
  readonly impossible: number;
  /** Units of the plan that have a copy elsewhere. */
  readonly copies: number;
}

/** Where memory binds. */
export const planRoom = 1.6;
const progresses = Array.from({ length: 9 }, (_, step) => (step + 1) / 10);

export interface PlannedFleet {
  /** The same boards with so much room. */
  readonly problemWith: (room: number) => Problem;
  readonly plan: RunningPlan;
}

/** Throws InvalidInputError where the boards cannot hold the network. */
export async function plannedFleet(graph: Graph, seed: number): Promise<PlannedFleet> {
  const problems = new Map<number, Problem>();
  const problemWith = (room: number): Problem => {
    const problem = problems.get(room) ?? coinferFleet(graph, seed, room);
    problems.set(room, problem);
    return problem;
  };
  const problem = problemWith(planRoom);
  const joint = new JointProblem(problem);
  const point = await joint.coinfer('local', plannersEffort, createRandom(seed), async () => {});
  if (point === null)
    throw new InvalidInputError(`fleet ${seed} cannot hold ${graph.name}`, 'Give the boards more memory.');
  return { problemWith, plan: { bins: point.slice(0, joint.units), clocks: point.slice(joint.units) } };
}

/** One request at every progress, and every device dying that has work left then. */
export function failureSweep({ problemWith, plan }: PlannedFleet, setting: FailureSetting): FleetFailures {
  const loading = bytesPerSecond(setting.loadingBytesPerSecond);
  const search = new SuffixSearch(problemWith(setting.room), plan, loading);
  const copies = search.loadCopies(plan);
  const undisturbed = search.runs({ done: 0, holder: search.source }, plan.bins);
  const checkpoints = setting.copiesCheckpoints ? checkpointCopies(search, undisturbed.runs) : [];
  const failures: Failure[] = [];
  let impossible = 0;
  for (const progress of progresses) {
    const at = progress * undisturbed.answered;
    for (const victim of new Set(workLeft(undisturbed.runs, at))) {
      const found = failed(search, { runs: undisturbed.runs, checkpoints, victim, at, setting });
      if (found === null) impossible++;
      else failures.push({ progress, ...found });
    }
  }
  return { failures, impossible, copies };
}

const workLeft = (runs: readonly UnitRun[], at: number): number[] =>
  runs.flatMap(({ device, ends }) => (ends > at ? [device] : []));

interface Death {
  /** As they would have been. */
  readonly runs: readonly UnitRun[];
  readonly checkpoints: readonly Copy[];
  readonly victim: number;
  readonly at: number;
  readonly setting: FailureSetting;
}

function failed(search: SuffixSearch, death: Death): Omit<Failure, 'progress'> | null {
  const { victim, at, setting } = death;
  const lost = new Set([victim]);
  const known = at + setting.detectionSeconds + setting.replanningSeconds;
  const again = { done: 0, holder: search.source, lost };
  const whole = search.search(again);
  const ways = breakpointsOf(search, death).flatMap((from) => {
    const rest = search.search({ ...from, lost });
    return rest === null ? [] : [{ since: from.since, ...search.runs({ ...from, lost }, rest) }];
  });
  const answeredAt = ({ since, answered }: (typeof ways)[number]): number =>
    Math.max(known, since) + answered;
  const [best] = ways.toSorted((left, right) => answeredAt(left) - answeredAt(right));
  if (whole === null || best === undefined) return null;
  const restarted = known + search.runs(again, whole).answered;
  return {
    saved: 1 - answeredAt(best) / restarted,
    weightSeconds: best.runs.reduce((sum, { starts, arrives }) => sum + starts - arrives, 0),
    checkpointSeconds: best.runs[0]?.arrives ?? 0,
  };
}

/** From what senders keep, and from copies that are as far or further: they are there, or on their way from a device that lives. */
function breakpointsOf(search: SuffixSearch, death: Death): Breakpoint[] {
  const kept = breakpointOf(search, death);
  const { checkpoints, at, victim } = death;
  const copies = checkpoints.filter(({ done, holder, from, begun, since }) => {
    const arrives = since <= at || (begun <= at && from !== victim);
    return arrives && holder !== victim && done >= kept.done;
  });
  return [kept, ...copies];
}

/**
 * Who holds what of the request, and since when: a device that lives ends the stage that runs; what it got is still with the sender when
 * it dies, because senders keep tensors until their receivers' outputs are with others.
 */
function breakpointOf({ source }: SuffixSearch, { runs, victim, at }: Death): Breakpoint {
  const current = runs.findIndex(({ ends }) => ends > at);
  const device = runs[current]?.device ?? source;
  // While a tensor is on its way, the death of its sender or receiver sends the request back to before that device's stage.
  const sender = runs[current - 1]?.device ?? source;
  const onItsWay = (runs[current]?.arrives ?? 0) > at;
  const inFlightFrom = onItsWay && sender === victim && current > 0 ? current - 1 : null;
  if (device === victim || inFlightFrom !== null) {
    const first = stageStart(runs, inFlightFrom ?? current);
    return { done: first, holder: runs[first - 1]?.device ?? source, since: at };
  }
  let end = current;
  while (runs[end + 1]?.device === device) end++;
  return { done: end + 1, holder: device, since: runs[end]?.ends ?? at };
}

/** The first unit of the stage to which the unit belongs. */
function stageStart(runs: readonly UnitRun[], unit: number): number {
  let first = unit;
  while (first > 0 && runs[first - 1]?.device === runs[unit]?.device) first--;
  return first;
}
