import { bitsPerSecond, createRandom, type Plan, type Problem, seconds, type TracePoint } from '@tandem/core';
import { systemClock } from '@tandem/node';
import { coachEnvelope, envelopeText } from '../../packages/cli/src/reproduce/coach-envelope.ts';
import { coachForms, jpsForms } from '../../packages/cli/src/reproduce/coach-forms.ts';
import {
  onlineStandIn,
  planOfSetting,
  problemOfSetting,
  type Setting,
} from '../../packages/cli/src/reproduce/coach-testbed.ts';
import { bestPace } from '../../packages/cli/src/reproduce/pace-of-plan.ts';
import { oracleThroughput, recordedThroughput } from '../../packages/cli/src/reproduce/recorded-link.ts';
import { excerptOf, generationNames, recordingsOf } from '../../packages/cli/src/reproduce/recordings.ts';
import { dataFolder } from '../../tests/data.ts';
import type { Bench, BenchContext, BenchResult } from '../bench.ts';
import { withPapersTestbed } from '../papers/papers-testbed.ts';
import { disbeliefOf, phaseText } from '../stepped/course-figures.ts';
import { type RecordedRun, recordedRows, recordedTable } from '../stepped/recorded-report.ts';
import { slowMotionFor } from '../stepped/slow-motion.ts';
import { phaseLine, readyLine, type SteppedOrder } from '../stepped/stepped-lines.ts';
import { requireTestbed } from '../testbed/support.ts';
import { followSteps, shapedMegabits } from '../testbed/trace-follower.ts';

/** The one of K9’s settings from 20 Mbit/s on in which COACH has bits to choose. */
const setting: Setting = { network: 'resnet-101', device: 'NX', megabitsPerSecond: 20 };
const meanMegabits = 10;
/** Of each recording, from its start. */
const excerptSeconds = 30;
/** Answers under the first rate, before the link begins to move; in the simulator, seconds of the paper’s time. */
const settling = 6;
const simulatedSettlingSeconds = 2;

const rival = 'JPS, 8 bits';

/** What K9 keeps of an oracle’s throughput under recordings, with real processes. */
export const recordedLink: Bench = {
  title:
    'Throughput of COACH’s plan with chosen and with fixed bits and of JPS’s on real agents in slow motion while the link follows recordings of 3G, 4G and 5G, beside the simulator and an oracle.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    requireTestbed();
    if (dataFolder === null) return { rows: [], remarks: ['SKIPPED: there are no recordings.'] };
    const contest = await contestOf(context);
    const runs: RecordedRun[] = [];
    const disbelieved: string[] = [];
    for (const generation of generationNames) {
      const [recording] = await recordingsOf(dataFolder, generation);
      if (recording === undefined) continue;
      const link = `${generation}, ${recording.name}`;
      const points = excerptOf(recording, { untilSeconds: excerptSeconds, meanMegabits });
      for (const [planner, plan] of Object.entries(contest.plans)) {
        const name = `${link}: ${planner}`;
        if (!name.includes(context.only)) continue;
        const run = { link, planner, ...(await measure(name, plan, points, contest, context)) };
        const disbelief = disbeliefOf([run.phase]);
        if (disbelief === null) runs.push(run);
        else disbelieved.push(`NOT BELIEVED ${name}: ${disbelief}`);
      }
    }
    return {
      rows: recordedRows(runs, rival),
      tables: [recordedTable(runs, rival)],
      remarks: [...remarks, ...disbelieved],
    };
  },
};

interface Contest {
  readonly problem: Problem;
  /** By the name of who made them and what it does. */
  readonly plans: Readonly<Record<string, Plan>>;
  /** Between which the oracle changes. */
  readonly envelope: readonly Plan[];
}

async function contestOf({ signal }: BenchContext): Promise<Contest> {
  const planning = { clock: systemClock, random: createRandom(1), signal };
  const planner = coachForms['COACH, in turn'];
  const envelope = await coachEnvelope(setting, planner, planning);
  return {
    problem: problemOfSetting(setting, 'period'),
    plans: {
      'COACH, in turn': envelope[0],
      'COACH, in turn, fixed bits': await planOfSetting(setting, planner, 'period', planning),
      [rival]: await planOfSetting(setting, jpsForms[rival], 'period', planning),
    },
    envelope,
  };
}

async function measure(
  name: string,
  plan: Plan,
  recorded: readonly TracePoint[],
  contest: Contest,
  context: BenchContext,
): Promise<Pick<RecordedRun, 'phase' | 'oracle'>> {
  const { problem, envelope } = contest;
  const slowMotion = slowestMotion(recorded, contest);
  const points = inPaperTime(recorded, slowMotion);
  const link = { points, untilSeconds: excerptSeconds / slowMotion };
  const [simulated, oracle] = [
    recordedThroughput(problem, plan, link, simulatedSettlingSeconds),
    oracleThroughput(problem, envelope, link),
  ];
  context.progress(`${name}: ${slowMotion} times slower, about ${excerptSeconds + 15} s`);
  const megabitsOf = (point: TracePoint | undefined): number => (point?.bitsPerSecond ?? 0) / 1e6;
  const program = new URL('../stepped/stepped-process.ts', import.meta.url);
  const options = { megabitsPerSecond: megabitsOf(points[0]), slowMotion, program, signal: context.signal };
  const measured = await withPapersTestbed(options, async (testbed) => {
    const { gateway, reach } = testbed;
    const order: SteppedOrder = { setting, plan, slowMotion, reach };
    const { notes } = await gateway.ask(order, readyLine);
    for (const note of notes) context.progress(`${name}: ${note}`);
    await gateway.ask({ settling, counted: 1 }, phaseLine);
    const following = followSteps(
      points.map((point) => ({
        at: slowMotion * point.seconds,
        change: () => testbed.setRate(megabitsOf(point)),
      })),
    );
    try {
      return await gateway.ask({ settling: 0, counted: { seconds: excerptSeconds } }, phaseLine);
    } finally {
      following.stop();
    }
  });
  const phase = { megabitsPerSecond: meanMegabits, measured, simulated };
  context.progress(`${name}: ${phaseText(phase)}, oracle ${oracle.toFixed(2)}`);
  return { phase, oracle };
}

/** What the plan needs that computes most: under one recording, the link is the same for all. */
function slowestMotion(recorded: readonly TracePoint[], { problem, plans }: Contest): number {
  const highest = Math.max(...recorded.map((point) => point.bitsPerSecond));
  return Math.max(
    ...Object.values(plans).map((plan) => slowMotionFor(problem, plan, bestPace(problem, plan)(highest))),
  );
}

/** As devices that are so many times slower meet a recording that is played as fast as it was made; never less than a link can be shaped to. */
function inPaperTime(recorded: readonly TracePoint[], slowMotion: number): readonly TracePoint[] {
  return recorded.map((point) => {
    const onWire = shapedMegabits({ bitsPerSecond: bitsPerSecond(point.bitsPerSecond / slowMotion) });
    return {
      seconds: seconds(point.seconds / slowMotion),
      bitsPerSecond: bitsPerSecond(1e6 * slowMotion * onWire),
    };
  });
}

const remarks: readonly string[] = [
  `${onlineStandIn} On NX; plans for ${setting.megabitsPerSecond} Mbit/s. No request leaves early: exits need trained weights.`,
  `Of each generation the first recording by name, of each its first ${excerptSeconds} s, with rates multiplied by one factor so that their mean is ${meanMegabits} Mbit/s in the paper’s time. Devices and rates are in slow motion as in stepped-link; the recording is played as fast as it was made. To the requests the link moves so many times faster than it did, which is harder on what follows it.`,
  `Oracle, by arithmetic: at each moment the fastest, with the fewest bits, of COACH’s plans for ${setting.megabitsPerSecond} and for ${envelopeText}, changed in no time.`,
];
