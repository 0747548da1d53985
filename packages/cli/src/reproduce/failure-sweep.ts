import { bytesPerSecond, SuffixSearch, type UnitRun } from '@tandem/core';
import { type Breakpoint, type Copy, gatewayCopies, takerCopies } from './checkpoint-copies.ts';
import type { PlannedFleet } from './planned-fleet.ts';

/** What a fleet takes to go on, in seconds. */
export interface FailureSetting {
  readonly detectionSeconds: number;
  readonly replanningSeconds: number;
  /** At which boards read weights that they keep; ∞ = whatever they could need is in their memory. */
  readonly loadingBytesPerSecond: number;
  /** Whether stages are loaded on a second board. */
  readonly standsBy: boolean;
  /** To whom what units make is copied while links are idle; the taker = who would go on from there. */
  readonly copiesTo: 'nobody' | 'gateway' | 'taker';
  /** Whether stages whose board lives stay there, after a repair and after a start from scratch. */
  readonly stays: boolean;
}

/** Seconds that a repaired request takes beyond an undisturbed one; together they are all of it. */
export interface RepairParts {
  /** Until the failure is known, as far as nobody who lives still works on the request. */
  readonly detection: number;
  readonly replanning: number;
  /** For a copy that is still on its way. */
  readonly copy: number;
  /** What had been done, or was on its way, and is done again. */
  readonly again: number;
  /** Until weights are there. */
  readonly weights: number;
  /** Until the first unit that is left has its inputs, beyond what they take undisturbed. */
  readonly checkpoint: number;
  /** What is left, on other boards. */
  readonly survivors: number;
}

/** A device that dies while it, or others before it, are at work on a request. */
export interface Failure {
  /** The share of the undisturbed time that had passed. */
  readonly progress: number;
  readonly undisturbedSeconds: number;
  /** What repair saves of the time from the request's start to its answer, against a start from scratch when the failure is known. */
  readonly saved: number;
  readonly parts: RepairParts;
  /** That a start from scratch takes beyond an undisturbed request, once the failure is known. */
  readonly restartSeconds: number;
}

export interface FleetFailures {
  readonly failures: readonly Failure[];
  /** Where the boards that are left cannot hold the network. */
  readonly impossible: number;
  /** Units of the plan that are loaded on a second board. */
  readonly standing: number;
}

const progresses = Array.from({ length: 9 }, (_, step) => (step + 1) / 10);

/** One request at every progress, and every device dying that has work left then. */
export function failureSweep(fleet: PlannedFleet, setting: FailureSetting): FleetFailures {
  const { problem, plan } = fleet;
  const search = new SuffixSearch(problem, plan, bytesPerSecond(setting.loadingBytesPerSecond));
  const standBys = setting.standsBy ? fleet.standBys() : new Map<number, number>();
  for (const [unit, device] of standBys) search.standBy(unit, device);
  const { runs, answered } = search.runs({ done: 0, holder: search.source }, plan.bins);
  const checkpoints = copiesOf[setting.copiesTo](search, runs);
  const failures: Failure[] = [];
  let impossible = 0;
  for (const progress of progresses) {
    const at = progress * answered;
    for (const victim of new Set(workLeft(runs, at))) {
      const found = failed(search, { runs, answered, checkpoints, victim, at, setting });
      if (found === null) impossible++;
      else failures.push({ progress, undisturbedSeconds: answered, ...found });
    }
  }
  return { failures, impossible, standing: standBys.size };
}

const copiesOf = { nobody: () => [], gateway: gatewayCopies, taker: takerCopies } as const;

const workLeft = (runs: readonly UnitRun[], at: number): number[] =>
  runs.flatMap(({ device, ends }) => (ends > at ? [device] : []));

interface Death {
  /** As they would have been, and the answer. */
  readonly runs: readonly UnitRun[];
  readonly answered: number;
  readonly checkpoints: readonly Copy[];
  readonly victim: number;
  readonly at: number;
  readonly setting: FailureSetting;
}

/** A way on, and when it leads to the answer. */
interface Way extends Breakpoint {
  readonly runs: readonly UnitRun[];
  readonly answered: number;
}

function failed(
  search: SuffixSearch,
  death: Death,
): Pick<Failure, 'saved' | 'parts' | 'restartSeconds'> | null {
  const { victim, at, setting, answered } = death;
  const { detectionSeconds, replanningSeconds, stays } = setting;
  const lost = new Set([victim]);
  const known = at + detectionSeconds + replanningSeconds;
  const again = { done: 0, holder: search.source, lost, stays };
  const whole = search.search(again);
  const ways = breakpointsOf(search, death).flatMap((from): Way[] => {
    const rest = search.search({ ...from, lost, stays });
    if (rest === null) return [];
    const left = search.runs({ ...from, lost }, rest);
    return [{ ...from, runs: left.runs, answered: Math.max(known, from.since) + left.answered }];
  });
  const [best] = ways.toSorted((left, right) => left.answered - right.answered);
  if (whole === null || best === undefined) return null;
  const restarted = search.runs(again, whole).answered;
  return {
    saved: 1 - best.answered / (known + restarted),
    parts: partsOf(death, best),
    restartSeconds: restarted - answered,
  };
}

/** Detection and replanning cost nothing while a device that lives is still at what is done from then on. */
function partsOf({ runs, answered, at, setting }: Death, way: Way): RepairParts {
  const { done, since } = way;
  const reached = runs[done - 1]?.ends ?? 0;
  const detected = at + setting.detectionSeconds;
  const known = detected + setting.replanningSeconds;
  const idle = Math.max(at, reached);
  const ownWay = Math.max(0, (runs[done]?.arrives ?? reached) - reached);
  const parts = {
    detection: Math.max(0, detected - idle),
    replanning: Math.max(0, known - Math.max(idle, detected)),
    copy: Math.max(0, since - Math.max(known, idle)),
    again: Math.max(0, at - reached),
    weights: way.runs.reduce((sum, { starts, arrives }) => sum + starts - arrives, 0),
    checkpoint: (way.runs[0]?.arrives ?? 0) - ownWay,
  };
  const counted = Object.values(parts).reduce((sum, part) => sum + part, 0);
  return { ...parts, survivors: way.answered - answered - counted };
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
