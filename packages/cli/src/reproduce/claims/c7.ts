import {
  bytes,
  coinferFleet,
  createEvaluator,
  createRandom,
  graphOf,
  objectiveValue,
  type Plan,
  type Problem,
  planners,
  zooModel,
} from '@tandem/core';
import { type Claim, defineClaim, exactly, type Figure, type ReproduceContext } from '../claim.ts';
import { papers } from '../papers.ts';

const where = 'text and OOM chart';
const seeds = 30;
const ofEach = 1;
const room = 1.6;
const unit = `of ${seeds} fleets`;

/** More than any network needs. */
const plenty = bytes(1e15);

const counted = (paper: number, tolerance: Figure['tolerance']): Figure => ({
  unit,
  paper,
  tolerance,
  where,
});
const unjudged = (of: string): Figure => ({ unit: of, paper: null, tolerance: exactly, where });

export const c7: Claim = defineClaim({
  claim:
    'Schedulers that look at computation alone run devices out of memory with ViT-H/14; COINFER never does.',
  paper: papers.coinfer,
  standIn: `${seeds} seeded fleets of ${5 * ofEach} boards, one of each type (rates in the order of magnitude of Raspberry Pi 3B and 4B, Jetson Nano, TX2 and Xavier NX), which together hold the parameters of ViT-H/14 ${room} times and 64 MB more each. Computation alone: the same planner, exact where memory does not bind, on the same boards with memory without end. Out of memory is what the cost model says of the plan on the boards as they are.`,
  figures: {
    'computation alone: out of memory': counted(1, { kind: 'at-least' }),
    'COINFER: out of memory': counted(0, exactly),
    'COINFER: no plan': counted(0, exactly),
    'computation alone: most over a device’s memory, median': unjudged('×'),
    'COINFER: joint cost over that of the plan without memory, median': unjudged('×'),
  },
  remarks: [
    'The paper prints no counts. It is enough for its claim that plans without a look at memory fail once; ours fail wherever the fastest boards cannot hold the network.',
    'What COINFER pays for fitting is a price of the fleets’ memory and not of the search: nobody can run the plan that it is compared with.',
  ],
  run: async (context) => {
    const graph = graphOf(zooModel('vit-h-14', { batch: 1 }));
    const rows: Row[] = [];
    for (let seed = 0; seed < seeds; seed++)
      rows.push(await compared(coinferFleet(graph, seed, room, ofEach), seed, context));
    const count = (is: (row: Row) => boolean): number => rows.filter(is).length;
    return {
      'computation alone: out of memory': count(({ careless }) => careless.overMemory > 1),
      'COINFER: out of memory': count(({ careful }) => careful !== null && careful.overMemory > 1),
      'COINFER: no plan': count(({ careful }) => careful === null),
      'computation alone: most over a device’s memory, median': median(
        rows.map((row) => row.careless.overMemory),
      ),
      'COINFER: joint cost over that of the plan without memory, median': median(
        rows.map(({ careful, careless }) => (careful?.cost ?? Number.NaN) / careless.cost),
      ),
    };
  },
});

interface Priced {
  /** The most that a device needs, over what it has. */
  readonly overMemory: number;
  readonly cost: number;
}

interface Row {
  readonly careless: Priced;
  /** null = no plan. */
  readonly careful: Priced | null;
}

async function compared(problem: Problem, seed: number, context: ReproduceContext): Promise<Row> {
  const { cluster } = problem;
  const lifted: Problem = {
    ...problem,
    cluster: {
      ...cluster,
      hosts: cluster.hosts.map((host) => ({ ...host, memoryBytes: plenty })),
      devices: cluster.devices.map((device) => ({ ...device, memoryBytes: plenty })),
    },
  };
  const [careless, careful] = [
    await plannedOn(lifted, seed, context),
    await plannedOn(problem, seed, context),
  ];
  return {
    careless: careless === null ? { overMemory: Number.NaN, cost: Number.NaN } : priced(problem, careless),
    careful: careful === null ? null : priced(problem, careful),
  };
}

async function plannedOn(problem: Problem, seed: number, context: ReproduceContext): Promise<Plan | null> {
  const { clock, signal } = context;
  const evaluator = createEvaluator(problem);
  const options = { problemDigest: '', evaluator, random: createRandom(seed), clock, signal };
  const result = await planners.coinfer.plan(problem, options);
  return result.kind === 'plan' ? result.plan : null;
}

function priced(problem: Problem, plan: Plan): Priced {
  const report = createEvaluator(problem).evaluate(plan);
  const devices = report.devices.map(({ device, memoryBytes }) => {
    const own = problem.cluster.devices.find(({ id }) => id === device)?.memoryBytes ?? 0;
    return memoryBytes / own;
  });
  return { overMemory: Math.max(...devices), cost: objectiveValue(problem.objective, report) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle - 0.5)] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
