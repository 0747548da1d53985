import { graphOf, livenessLimits, zooModel } from '@tandem/core';
import { type Claim, defineClaim, exactly, type Figure } from '../claim.ts';
import {
  type FailureSetting,
  type FleetFailures,
  failureSweep,
  type PlannedFleet,
  plannedFleet,
  planRoom,
} from '../failure-sweep.ts';
import { papers } from '../papers.ts';

const seeds = [0, 1, 2, 3, 4];
const flashBytesPerSecond = 100e6;
const enough = 0.9;
/** Of ViT-H/14, as COINFER cuts it. */
const units = 36;

const closed: FailureSetting = {
  detectionSeconds: 0.05,
  replanningSeconds: 0.02,
  loadingBytesPerSecond: flashBytesPerSecond,
  copiesCheckpoints: false,
  room: planRoom,
};
const atHand = { ...closed, loadingBytesPerSecond: Number.POSITIVE_INFINITY };
/** So that every board that may be lost has its weights elsewhere, too. */
const roomForCopies = 4;
const { silenceSeconds, probeSeconds } = livenessLimits;

/** What fleets take to go on, by what the figures call it. */
const settings = {
  'weights at hand': atHand,
  'weights from flash': closed,
  'weights at hand, found by silence': { ...atHand, detectionSeconds: silenceSeconds + probeSeconds },
  'weights at hand, checkpoints copied': { ...atHand, copiesCheckpoints: true },
  'weights from flash, checkpoints copied': { ...closed, copiesCheckpoints: true },
  'weights standing by, checkpoints copied': { ...closed, copiesCheckpoints: true, room: roomForCopies },
} satisfies Record<string, FailureSetting>;

const unjudged = (unit: string): Figure => ({ unit, paper: null, tolerance: exactly, where: 'abstract' });
const condition: Figure = {
  unit: '× φ/(1 + φ)',
  paper: enough,
  tolerance: { kind: 'at-least' },
  where: 'our condition, not a figure of the paper',
};

const figuresOf = (name: string): Readonly<Record<string, Figure>> => ({
  [`${name}: mean saving, the least over φ`]: name.includes('silence') ? unjudged(condition.unit) : condition,
  [`${name}: mean saving at φ = 0.1`]: unjudged('%'),
  [`${name}: mean saving at φ = 0.5`]: unjudged('%'),
  [`${name}: mean saving at φ = 0.9`]: unjudged('%'),
  // 46.4 % is what "up to" says; the most over a sweep is of its fleets and is shown beside it, not judged.
  [`${name}: most saved (the paper: up to 46.4)`]: unjudged('%'),
  [`${name}: failures`]: unjudged('count'),
  [`${name}: failures after which nothing fits`]: unjudged('count'),
  [`${name}: units with a copy`]: unjudged(`of ${units * seeds.length}`),
  [`${name}: waiting for weights, mean`]: unjudged('ms'),
  [`${name}: fetching the checkpoint, mean`]: unjudged('ms'),
});

export const c4: Claim = defineClaim({
  claim: 'Breakpoint repair saves up to 46.4 % of the inference time when a device fails.',
  paper: papers.coinfer,
  standIn: `A simulation: one request of ViT-H/14 in ${units} units on each of ${seeds.length} seeded fleets of 20 boards (see C7), at every progress φ = 0.1 … 0.9 of its undisturbed time, with every device dying in turn that has work left. Repair goes on from the latest breakpoint with a live holder, restart from the input; both search the same way, at the plan’s clocks and within the memory that is left. A failure is known after ${closed.detectionSeconds * 1000} ms (a connection that closes), or ${(silenceSeconds + probeSeconds) * 1000} ms (silence, then a new connection that nobody answers); replanning counts ${closed.replanningSeconds * 1000} ms. Weights that a board lacks it reads at ${flashBytesPerSecond / 1e6} MB/s while the request is on its way, but for copies that the memory beside the plan holds; “at hand” = it lacks none; “standing by” = the same plans on boards of ${roomForCopies} instead of ${planRoom} times what the network needs of them together, so that every unit has a copy. “Checkpoints copied” = what goes to the next board goes to the one that would take its place as well, and inside a stage the newest tensor goes there whenever that link is idle.`,
  figures: Object.assign({}, ...Object.keys(settings).map(figuresOf)) as Readonly<Record<string, Figure>>,
  remarks: [
    'φ/(1 + φ) is what repair saves of the time to the answer when nothing is lost but what comes after the failure, nothing is spent on detection, replanning, weights and transfers, and the boards that are left are as fast: 46.4 % is φ = 0.866.',
    'A stage on one board is a tenth of the network here and starts again when its board dies, which is what a mean over few boards that have work left feels most at high φ. The most that is saved exceeds φ/(1 + φ) where the boards that are left are slower.',
    'Weights decide: a unit of ViT-H/14 has 70 MB, and a restart loads them while its first units run, a repair waits for them. In these fleets memory binds, so that there is no room for a copy of everything.',
    'Copies of checkpoints gain little: what crosses takes longer to send over these links than a stage takes to run, so that a copy is seldom there before it is of no use.',
    'Means are over failures at all φ. Nothing here ran on real devices: `tandem run --repair --standby` does what is simulated with three differences, that stages whose device lives stay where they are, that copies of what crosses go to the gateway, and that inside a stage nothing is copied. `npm run bench -- repair` measures it.',
  ],
  run: async () => {
    const graph = graphOf(zooModel('vit-h-14', { batch: 1 }));
    const fleets: PlannedFleet[] = [];
    for (const seed of seeds) fleets.push(await plannedFleet(graph, seed));
    const columns = Object.entries(settings).map(([name, setting]) =>
      summary(
        name,
        fleets.map((fleet) => failureSweep(fleet, setting)),
      ),
    );
    return Object.assign({}, ...columns) as Readonly<Record<string, number>>;
  },
});

function summary(name: string, fleets: readonly FleetFailures[]): Readonly<Record<string, number>> {
  const failures = fleets.flatMap((fleet) => fleet.failures);
  const sum = (count: (fleet: FleetFailures) => number): number =>
    fleets.reduce((all, fleet) => all + count(fleet), 0);
  const savedAt = (progress: number): number =>
    mean(failures.filter((failure) => failure.progress === progress).map(({ saved }) => saved));
  const ratios = [...new Set(failures.map(({ progress }) => progress))].map(
    (progress) => savedAt(progress) / (progress / (1 + progress)),
  );
  return {
    [`${name}: mean saving, the least over φ`]: Math.min(...ratios),
    [`${name}: mean saving at φ = 0.1`]: 100 * savedAt(0.1),
    [`${name}: mean saving at φ = 0.5`]: 100 * savedAt(0.5),
    [`${name}: mean saving at φ = 0.9`]: 100 * savedAt(0.9),
    [`${name}: most saved (the paper: up to 46.4)`]: 100 * Math.max(...failures.map(({ saved }) => saved)),
    [`${name}: failures`]: failures.length,
    [`${name}: failures after which nothing fits`]: sum(({ impossible }) => impossible),
    [`${name}: units with a copy`]: sum(({ copies }) => copies),
    [`${name}: waiting for weights, mean`]: 1000 * mean(failures.map(({ weightSeconds }) => weightSeconds)),
    [`${name}: fetching the checkpoint, mean`]:
      1000 * mean(failures.map(({ checkpointSeconds }) => checkpointSeconds)),
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
