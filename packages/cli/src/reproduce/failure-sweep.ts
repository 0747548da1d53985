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

/** What a fleet takes to go on, in seconds. */
export interface FailureSetting {
  readonly detectionSeconds: number;
  readonly replanningSeconds: number;
  /** At which boards read weights that they keep; ∞ = whatever they could need is in their memory. */
  readonly loadingBytesPerSecond: number;
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

const room = 1.6;
const progresses = Array.from({ length: 9 }, (_, step) => (step + 1) / 10);

export interface PlannedFleet {
  readonly problem: Problem;
  readonly plan: RunningPlan;
}

/** Throws InvalidInputError where the boards cannot hold the network. */
export async function plannedFleet(graph: Graph, seed: number): Promise<PlannedFleet> {
  const problem = coinferFleet(graph, seed, room);
  const joint = new JointProblem(problem);
  const point = await joint.coinfer('local', plannersEffort, createRandom(seed), async () => {});
  if (point === null)
    throw new InvalidInputError(`fleet ${seed} cannot hold ${graph.name}`, 'Give the boards more memory.');
  return { problem, plan: { bins: point.slice(0, joint.units), clocks: point.slice(joint.units) } };
}

/** One request at every progress, and every device dying that has work left then. */
export function failureSweep({ problem, plan }: PlannedFleet, setting: FailureSetting): FleetFailures {
  const search = new SuffixSearch(problem, plan, bytesPerSecond(setting.loadingBytesPerSecond));
  const copies = search.loadCopies(plan);
  const undisturbed = search.runs({ done: 0, holder: search.source }, plan.bins);
  const failures: Failure[] = [];
  let impossible = 0;
  for (const progress of progresses) {
    const at = progress * undisturbed.answered;
    for (const victim of new Set(workLeft(undisturbed.runs, at))) {
      const found = failed(search, { runs: undisturbed.runs, victim, at, setting });
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
  readonly victim: number;
  readonly at: number;
  readonly setting: FailureSetting;
}

function failed(search: SuffixSearch, death: Death): Omit<Failure, 'progress'> | null {
  const { victim, at, setting } = death;
  const lost = new Set([victim]);
  const known = at + setting.detectionSeconds + setting.replanningSeconds;
  const again = { done: 0, holder: search.source };
  const from = breakpointOf(search, death);
  const [whole, rest] = [search.search({ ...again, lost }), search.search({ ...from, lost })];
  if (whole === null || rest === null) return null;
  const restarted = known + search.runs(again, whole).answered;
  const { runs, answered } = search.runs(from, rest);
  return {
    saved: 1 - (Math.max(known, from.since) + answered) / restarted,
    weightSeconds: runs.reduce((sum, { starts, arrives }) => sum + starts - arrives, 0),
    checkpointSeconds: runs[0]?.arrives ?? 0,
  };
}

/**
 * Who holds what of the request, and since when: a device that lives ends the stage that runs; what it got is still with the sender when
 * it dies, because senders keep tensors until their receivers' outputs are with others.
 */
function breakpointOf(
  { source }: SuffixSearch,
  { runs, victim, at }: Death,
): { readonly done: number; readonly holder: number; readonly since: number } {
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
