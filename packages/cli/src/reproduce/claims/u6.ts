import {
  type Claim,
  defineClaim,
  exactly,
  type Figure,
  type Findings,
  type ReproduceContext,
} from '../claim.ts';
import { papers } from '../papers.ts';
import {
  type AdaptiveSubject,
  adaptive,
  adaptiveSubject,
  bothCourses,
  type Course,
  courseOf,
  dynamics,
  everySecond,
  meanMilliseconds,
  rateChange,
  steadyMilliseconds,
  twoModels,
} from '../six-dynamics.ts';

const where = 'section V';
const shown = (unit: string): Figure => ({ unit, paper: null, tolerance: exactly, where });
/** The paper says it in words. */
const isSo: Figure = { unit: '1 = yes', paper: 1, tolerance: exactly, where };

/** Shares of the usual rate that both links fall to, or rise from, after 30 s. */
const steps = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01];
const stepSeconds = 30;
const dwellSeconds = 2;
const square = { halfSeconds: 0.5, until: 60, low: 0.02 };

const laws = {
  'constant conditions: switches': shown('switches'),
  'square wave of 1 s for 60 s: switches': shown('switches'),
  'square wave: at most, one a dwell': shown('switches'),
  'steps down: settled after, at most': shown('s'),
  'steps up: settled after, at most': shown('s'),
  'steps: latency over that of the best plan, at most': shown('×'),
  'two models: p99 of the important one alone': shown('ms'),
  'two models: p99 with priority, twice the load': shown('ms'),
  'two models: p99 without priority': shown('ms'),
  'two models: longest layer of the other': shown('ms'),
};

const figures: Record<string, Figure> = Object.fromEntries([
  ...dynamics.flatMap(({ name, unit }): [string, Figure][] => [
    [`${name}, without`, shown(unit)],
    [`${name}, with`, shown(unit)],
    [`${name}: adapting saves`, isSo],
  ]),
  ...Object.entries(laws),
]);

export const u6: Claim = defineClaim({
  claim:
    'Inference across devices has to adapt to six dynamics: the network, node failures, heat and batteries, the mission, the environment of sensors and the load.',
  paper: papers.ng,
  standIn:
    'Simulated. AlexNet’s topology on a Raspberry Pi 4 with a GTX 1080 and a Jetson Nano, each behind 40 Mbit/s and 2 ms, by the catalogue’s figures; plans made beforehand for seven rates, three objectives and without each helper; Tandem’s own decisions (`stepDynamics`), which see rates, speeds, temperatures, charges and loads as late as a gateway would. Without: the first plan is kept. Heat follows a model of one time constant with power as clock³; the quality of cameras, the share that leaves early and the command are scripted.',
  figures,
  remarks: [
    'The paper prints no figure of what adapting saves: judged is that it saves at all, and our numbers are shown. They are of these scenarios, not of dynamics as such.',
    'A failure here fails what is in flight; bringing that to its end is repair, which agents do and this simulation does not.',
    'Two models: ResNet-18 in stages of one layer asks for twice the board’s time, AlexNet’s requests matter more. Their turn comes behind a layer, so each may wait for one on the board.',
    'Settled: the last switch after a step of the rate, to the plan of least simulated latency among all that were made, or one whose latency is as many times longer as the line says; a switch has to pay for loading and draining, so the last per cent are left alone.',
  ],
  observed: sentences,
  run: async (context) => {
    const subject = await adaptiveSubject(context);
    const found: Record<string, number> = {};
    for (const { name, scenario, measure } of dynamics) {
      context.signal.throwIfAborted();
      const { fixed, adapted } = bothCourses(scenario(subject));
      const [without, with_] = [measure(fixed, subject), measure(adapted, subject)];
      found[`${name}, without`] = without;
      found[`${name}, with`] = with_;
      found[`${name}: adapting saves`] = with_ < without ? 1 : 0;
    }
    return { ...found, ...lawsOf(subject) };
  },
  chart: async (context) => ({
    kind: 'series',
    panels: await panelsOf(context),
  }),
});

function lawsOf(subject: AdaptiveSubject): Record<keyof typeof laws, number> {
  const constant = courseOf(adaptive(subject, everySecond(5, 120)));
  const waves = Array.from({ length: square.until / square.halfSeconds }, (_, at) =>
    rateChange(at * square.halfSeconds, at % 2 === 0 ? 1 : square.low),
  ).flat();
  const wave = courseOf({ ...adaptive(subject, everySecond(20, square.until)), changes: waves });
  const down = steps.map((factor) => settled(subject, 1, factor));
  const up = steps.map((factor) => settled(subject, factor, 1));
  const { alone, above, equal, layer } = twoModels(subject);
  const most = (values: readonly number[]): number => Math.max(...values);
  return {
    'constant conditions: switches': constant.switches.length,
    'square wave of 1 s for 60 s: switches': wave.switches.length,
    'square wave: at most, one a dwell': Math.ceil(square.until / dwellSeconds),
    'steps down: settled after, at most': most(down.map(({ seconds }) => seconds)),
    'steps up: settled after, at most': most(up.map(({ seconds }) => seconds)),
    'steps: latency over that of the best plan, at most': most([...down, ...up].map(({ ratio }) => ratio)),
    'two models: p99 of the important one alone': alone,
    'two models: p99 with priority, twice the load': above,
    'two models: p99 without priority': equal,
    'two models: longest layer of the other': layer,
  };
}

/** After a step of the rate: when the last plan was switched to, and how its latency compares with the best plan's. */
function settled(
  subject: AdaptiveSubject,
  before: number,
  after: number,
): { readonly seconds: number; readonly ratio: number } {
  const changes = [...rateChange(0, before), ...rateChange(stepSeconds, after)];
  const { switches } = courseOf({ ...adaptive(subject, everySecond(2, 90)), changes });
  const late = switches.filter(({ atSeconds }) => atSeconds > stepSeconds).at(-1)?.atSeconds ?? stepSeconds;
  const version = switches.at(-1)?.version ?? subject.plans[0].version;
  const all = subject.plans.map((plan) => ({
    version: plan.version,
    milliseconds: steadyMilliseconds(subject, plan, after),
  }));
  const own = all.find((one) => one.version === version)?.milliseconds ?? Number.NaN;
  const best = Math.min(...all.map(({ milliseconds }) => milliseconds));
  return { seconds: late - stepSeconds, ratio: own / best };
}

function sentences(findings: Findings): readonly string[] {
  return dynamics.map(({ name, unit }) => {
    const [without = 0, with_ = 0] = [findings[`${name}, without`], findings[`${name}, with`]];
    const saved = (100 * (1 - with_ / without)).toFixed(0);
    return `${name}: ${with_.toPrecision(3)} instead of ${without.toPrecision(3)} ${unit}, ${saved} % less.`;
  });
}

const binSeconds = 2;

async function panelsOf(context: ReproduceContext) {
  const subject = await adaptiveSubject(context);
  return dynamics.map(({ name, scenario }) => {
    const { fixed, adapted } = bothCourses(scenario(subject));
    return {
      title: name,
      x: { label: 's', isLogarithmic: false },
      y: { label: 'ms, mean of 2 s', isLogarithmic: true },
      series: [
        { label: 'without', points: pointsOf(fixed) },
        { label: 'with', points: pointsOf(adapted) },
      ],
    };
  });
}

function pointsOf(course: Course): readonly (readonly [number, number])[] {
  const end = course.requests.at(-1)?.atSeconds ?? 0;
  return Array.from({ length: Math.ceil(end / binSeconds) }, (_, at) => at * binSeconds).flatMap((from) => {
    const mean = meanMilliseconds(course, from, from + binSeconds);
    return Number.isFinite(mean) ? [[from, mean] as const] : [];
  });
}
