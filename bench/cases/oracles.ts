import type { Bench, BenchColumn, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { type Counts, countsOf, faultsOf } from '../oracles/counts.ts';
import { type Subject, subjects } from '../oracles/subjects.ts';
import { runTrial, type Trial } from '../oracles/trial.ts';

const perSubject = 1000;

export const oracles: Bench = {
  title: `Planners against brute force on ${perSubject} random instances each, with memory that hardly suffices.`,
  run: async (context: BenchContext): Promise<BenchResult> => {
    const parts: Part[] = [];
    for (const subject of subjects) {
      const name = nameOf(subject);
      if (!name.includes(context.only)) continue;
      parts.push({ subject, name, counts: await countsFor(subject, name, context) });
    }
    return {
      rows: parts.flatMap(rowsOf),
      tables: [{ title: `${perSubject} instances each`, columns, cells: parts.map(cellsOf) }],
      remarks: remarksOf(parts),
    };
  },
};

interface Part {
  readonly subject: Subject;
  readonly name: string;
  readonly counts: Counts;
}

const nameOf = ({ planner, objective, among }: Subject): string => `${planner} by ${objective}, ${among}`;

async function countsFor(subject: Subject, name: string, context: BenchContext): Promise<Counts> {
  const trials: Trial[] = [];
  let said = 0;
  for (let seed = 0; seed < perSubject; seed++) {
    context.signal.throwIfAborted();
    trials.push(await runTrial(subject, seed, context.signal));
    if (Date.now() - said < 2000) continue;
    context.progress(`${name}: ${seed + 1} of ${perSubject}`);
    said = Date.now();
  }
  return countsOf(trials);
}

const columns: readonly BenchColumn[] = [
  { title: 'planner, against the best of', align: 'left' },
  ...[
    'treats',
    'solvable',
    'memory binds',
    'no plan',
    'plans',
    'at best',
    'median ratio',
    '90 %',
    'worst',
    'worst, roomy',
    'best at bound',
    'best over bound, median',
    '90 %',
    'violate',
    'wrong bounds',
    'forgetful violates',
    'proportional violates',
  ].map((title): BenchColumn => ({ title, align: 'right' })),
  { title: 'contradicts', align: 'left' },
];

function cellsOf({ subject, name, counts }: Part): string[] {
  return [
    name,
    String(counts.asked),
    String(counts.solvable),
    percentText(counts.binding, counts.asked),
    String(counts.withoutPlan),
    String(counts.plans),
    percentText(counts.atBest, counts.plans),
    counts.medianRatio.toFixed(3),
    counts.ninthRatio.toFixed(3),
    counts.worstRatio.toFixed(3),
    counts.worstUnbound.toFixed(3),
    counts.slack === null ? '–' : percentText(counts.slack.tight, counts.slack.bounded),
    counts.slack?.median.toFixed(3) ?? '–',
    counts.slack?.ninth.toFixed(3) ?? '–',
    String(counts.violating),
    String(counts.wrongBounds),
    percentText(counts.forgetful, counts.asked),
    percentText(counts.proportional, counts.asked),
    faultsOf(counts, subject).join(', ') || 'nothing',
  ];
}

const percentText = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;

function rowsOf({ name, counts }: Part): BenchRow[] {
  const figures: readonly (readonly [string, number, string])[] = [
    ['treated', counts.asked, 'instances'],
    ['memory binds', counts.binding, 'instances'],
    ['no plan though there is one', counts.withoutPlan, 'instances'],
    ['at the best', counts.atBest, 'instances'],
    ['over the best, worst', counts.worstRatio, '×'],
    ['plans that violate', counts.violating, 'instances'],
    ['bounds that are wrong', counts.wrongBounds, 'instances'],
    ['forgetful rule violates', counts.forgetful, 'instances'],
    ['proportional rule violates', counts.proportional, 'instances'],
  ];
  return figures.map(([what, value, unit]) => ({ case: `${name}: ${what}`, value, unit }));
}

function remarksOf(parts: readonly Part[]): string[] {
  const wrong = parts.filter(({ subject, counts }) => faultsOf(counts, subject).length > 0);
  return [
    wrong.length === 0
      ? 'Nothing contradicts what is promised: exact planners equal brute force, DADS under heavy load is within 5 times the best and JPS over all batches at the best where there is memory for everything, no plan violates a constraint, no bound is above what is possible.'
      : `CONTRADICTED by ${wrong.map(({ name }) => name).join('; ')}.`,
    'Instances: up to 14 nodes (fewer where all placements or batches are listed) on 2 or 3 devices; chains, blocks and general graphs with tensors that several read, nodes without work, ties, missing links, answers wanted elsewhere. Memory is 1.00 to 1.05 times what one placement of the family takes, drawn at random, where that uses a device, and 0.3 to 1.3 times the whole elsewhere. Instance n has seed n. The planners’ clock stands still, so that what they find does not depend on the machine; `auto` takes what its work is counted for, and not 0.12 s at most.',
    'memory binds: with memory for everything a better placement, or any, would be feasible. no plan: though the family has a feasible one. Ratios are to the best feasible placement of the family, found by pricing all; a plan from outside of the family may be below 1. roomy: the worst ratio with memory for everything, of planners that do not look at memory and promise a factor: 1 of jps-exact; of DADS as many as things are busy under the best plan, 3 in its paper, which knows no way home of the answer; that takes one link more, or two where it is wanted on a third device, hence 5 (core’s tests hold it to the number that are busy). best at bound, best over bound: that best against what the planner proves for its family, which is what the bound is to blame for where a plan is far from its bound. wrong bounds: what the planner proves is above that best.',
    'forgetful: the best placement of the same family if every stretch on a device had the device for itself, as in COINFER’s released program, where a device forgets what it holds when another one takes over. proportional: elements in proportion to memory, as exo’s rule has it. Both are priced by the same cost model: how often they need more memory than there is.',
    'DADS and JPS do not look at memory, so they may have no plan. The one instance for which COINFER has none: it tells devices what they may hold, unit by unit; a run on one of them needed more than its units, because a tensor waits there, and the correction, less room on that device, also forbids a shorter run there that just fits.',
    'Coded: SPINN and JPS send 8 bits, COACH what loses at most 0.5 % of the answers by the assumed losses (6 bits for one tensor, more where several cross), in a problem that asks for no more; COACH minimises another figure than the period and its bits may differ from tensor to tensor. Exits: in two of three instances there is a table of them where the graph has a place for any. Batches: three requests, each by a cut of its own, in every order.',
  ];
}
