import { createRandom, type Plan, type PlannerName } from '@tandem/core';
import { createSha256, systemClock } from '@tandem/node';
import { withChosenBits } from '../../packages/cli/src/reproduce/chosen-bits.ts';
import { courses } from '../../packages/cli/src/reproduce/claims/k9.ts';
import { coachForms, jpsForms, networks } from '../../packages/cli/src/reproduce/coach-forms.ts';
import {
  type Network,
  onlineStandIn,
  planOfSetting,
  problemOfSetting,
  type Setting,
} from '../../packages/cli/src/reproduce/coach-testbed.ts';
import { steppedThroughput } from '../../packages/cli/src/reproduce/stepped-link.ts';
import type { Bench, BenchContext, BenchResult } from '../bench.ts';
import { type KeptResults, openKept } from '../kept-results.ts';
import { withPapersTestbed } from '../papers/papers-testbed.ts';
import { type Course, disbeliefOf, type Phase, phaseText } from '../stepped/course-figures.ts';
import { courseRemarks, courseTable, type NamedCourse, resultRows } from '../stepped/course-report.ts';
import { slowMotionFor } from '../stepped/slow-motion.ts';
import { type PhaseOrder, phaseLine, readyLine, type SteppedOrder } from '../stepped/stepped-lines.ts';
import { requireTestbed } from '../testbed/support.ts';

/** More than what may be under way between two agents; where requests take turns, two rounds of most of JPS's patterns. */
const phaseOf = ({ mix }: Plan) =>
  ({ settling: 6, counted: mix === undefined ? 10 : 16 }) satisfies PhaseOrder;

const jpsNames = Object.keys(jpsForms);

/** K9 with real processes: plans made for the first rate of a link that then goes from rate to rate, beside the simulator and plans made afresh. */
export const steppedLink: Bench = {
  title:
    'Throughput of COACH and JPS on real agents in slow motion while the link goes 20, 10, 5 and 100, 50, 20 Mbit/s, beside the simulator and plans made for each rate.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    requireTestbed();
    const measuring = measuringOf(context);
    const found: NamedCourse[] = [];
    for (const network of networks)
      for (const { rates, kept, overJps } of courses) {
        const course = await courseOf(network, rates, measuring);
        const name = `${network} from ${rates[0]} Mbit/s`;
        if (course.dynamic.size > 0)
          found.push({ ...course, name, rivals: jpsNames, printed: { kept, overJps } });
      }
    return {
      rows: found.flatMap(resultRows),
      tables: found.map(courseTable),
      remarks: [...remarks, ...found.flatMap(courseRemarks), ...measuring.disbelieved],
    };
  },
};

interface Measuring {
  readonly context: BenchContext;
  readonly kept: KeptResults<readonly Phase[]>;
  readonly disbelieved: string[];
}

function measuringOf(context: BenchContext): Measuring {
  const packages = ['core', 'runtime', 'node'].map((name) => `packages/${name}/src`);
  const sources = ['bench/papers', 'bench/stepped', ...packages];
  const kept = openKept<readonly Phase[]>({ name: 'stepped-link', sources, fresh: context.fresh });
  return { context, kept, disbelieved: [] };
}

async function courseOf(network: Network, rates: readonly number[], measuring: Measuring): Promise<Course> {
  const { only } = measuring.context;
  const dynamic = new Map<string, readonly Phase[]>();
  const afresh = new Map<string, readonly Phase[]>();
  for (const [form, planner] of Object.entries({ ...coachForms, ...jpsForms })) {
    const name = `${network} from ${rates[0]} Mbit/s, ${form}`;
    if (!name.includes(only)) continue;
    const plan = await planFor(network, rates[0] ?? 0, planner, measuring);
    const phases = await phasesOf(name, plan, rates, measuring);
    if (phases === null) continue;
    dynamic.set(form, phases);
    if (jpsNames.includes(form)) continue;
    const fresh: Phase[] = [];
    for (const rate of rates.slice(1)) {
      const own = await planFor(network, rate, planner, measuring);
      // A plan that is the same keeps all of its throughput; to measure it once more would only show noise.
      const isSame = digestOf(own.plan) === digestOf(plan.plan);
      const known = phases.filter(({ megabitsPerSecond }) => isSame && megabitsPerSecond === rate);
      const found = isSame ? known : await phasesOf(`${name} afresh at ${rate}`, own, [rate], measuring);
      fresh.push(...(found ?? []));
    }
    afresh.set(form, fresh);
  }
  return { rates, dynamic, afresh };
}

interface Planned {
  readonly setting: Setting;
  readonly plan: Plan;
}

async function planFor(
  network: Network,
  megabitsPerSecond: number,
  planner: PlannerName,
  { context }: Measuring,
): Promise<Planned> {
  const setting = { network, device: 'NX', megabitsPerSecond } as const;
  const planning = { clock: systemClock, random: createRandom(1), signal: context.signal };
  const plan = await planOfSetting(setting, planner, 'period', planning);
  const isCoach = Object.values<PlannerName>(coachForms).includes(planner);
  return { setting, plan: isCoach ? withChosenBits(problemOfSetting(setting, 'period'), plan) : plan };
}

/** Names what a plan does, whoever made it. */
function digestOf({ stages, transfers, mix, policies }: Plan): string {
  const hash = createSha256();
  hash.update(Buffer.from(JSON.stringify([stages, transfers, mix, policies])));
  return hash.hexadecimal();
}

/** Null where the run is not believed. Plans that are the same are measured once. */
async function phasesOf(
  name: string,
  planned: Planned,
  rates: readonly number[],
  { context, kept, disbelieved }: Measuring,
): Promise<readonly Phase[] | null> {
  const key = `${planned.setting.network} at ${rates.join(', ')}: ${digestOf(planned.plan)}`;
  const phases = kept.find(key) ?? (await measure(name, planned, rates, context));
  const disbelief = disbeliefOf(phases);
  if (disbelief === null) {
    kept.add(key, phases);
    context.progress(`${name}: ${phases.map(phaseText).join(', ')}`);
    return phases;
  }
  disbelieved.push(`NOT BELIEVED ${name}: ${disbelief}`);
  context.progress(`NOT BELIEVED ${name}: ${disbelief} (${phases.map(phaseText).join(', ')})`);
  return null;
}

async function measure(
  name: string,
  { setting, plan }: Planned,
  rates: readonly number[],
  context: BenchContext,
): Promise<readonly Phase[]> {
  const { signal } = context;
  const problem = problemOfSetting(setting, 'period');
  const online = plan.policies === undefined ? null : { exits: 0 };
  const simulated = steppedThroughput(problem, plan, rates, online);
  const slowMotion = slowMotionFor(problem, plan, Math.max(...simulated));
  const phase = phaseOf(plan);
  const requests = phase.settling + phase.counted;
  const due = simulated.reduce((sum, own) => sum + (slowMotion * requests) / own, 0);
  context.progress(`${name}: ${slowMotion} times slower, about ${due.toFixed(0)} s`);
  const program = new URL('../stepped/stepped-process.ts', import.meta.url);
  const options = { megabitsPerSecond: rates[0] ?? 0, slowMotion, program, signal };
  return await withPapersTestbed(options, async (testbed) => {
    const { gateway, reach } = testbed;
    const order: SteppedOrder = { setting, plan, slowMotion, reach };
    const { notes } = await gateway.ask(order, readyLine);
    for (const note of notes) context.progress(`${name}: ${note}`);
    const phases: Phase[] = [];
    for (const [at, rate] of rates.entries()) {
      testbed.setRate(rate);
      const measured = await gateway.ask(phase, phaseLine);
      phases.push({ megabitsPerSecond: rate, measured, simulated: simulated[at] ?? Number.NaN });
    }
    return phases;
  });
}

const remarks: readonly string[] = [
  `${onlineStandIn} On NX.`,
  `Slow motion as in papers-pipelines, for each plan as slow as this machine needs to compute all of it. One stream with always a next request; the rate changes under it, 6 answers are let pass, and throughput is that of the next 10, or 16 where requests take turns between cuts.`,
  'COACH’s bits are chosen on the agents by the rule `fill`, from transfers’ real rates, between the fewest that the assumed loss grants and 8, where the plan cuts inside the network. No request leaves early: exits need trained weights. Where the plan sends the input, nothing is decided.',
  'A plan for a later rate that is the same as the first rate’s was not measured again: 100 % are kept.',
];
