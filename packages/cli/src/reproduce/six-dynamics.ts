import {
  adaptiveScenario,
  bytes,
  distributionOf,
  envelopeGrid,
  graphOf,
  type Plan,
  type Problem,
  parseCluster,
  pipelineOf,
  planEnvelope,
  problemOf,
  RefusedError,
  type Scenario,
  type ScenarioArrivals,
  type ScenarioChange,
  seconds,
  simulate,
  zooModel,
} from '@tandem/core';
import type { ReproduceContext } from './claim.ts';

/** The Raspberry Pi 4 has the inputs and wants the answers; a GTX 1080 and a Jetson Nano are there to help. */
const wireless = { megabitsPerSecond: 40, roundTripMilliseconds: 2, bothWays: true };
const cluster: Problem['cluster'] = parseCluster({
  name: 'a board and two helpers',
  hosts: ['board', 'desk', 'shelf'].map((id) => ({ id })),
  devices: [
    { id: 'pi', host: 'board', like: 'raspberry-pi-4b' },
    { id: 'server', host: 'desk', like: 'gtx-1080' },
    { id: 'nano', host: 'shelf', like: 'jetson-nano' },
  ],
  links: ['server', 'nano'].map((to) => ({ from: 'pi', to, ...wireless })),
  source: 'pi',
});

export type Plans = readonly [Plan, ...Plan[]];

export interface AdaptiveSubject {
  readonly problem: Problem;
  readonly plans: Plans;
}

/** AlexNet there, with the plans that are best for rates from a hundredth to ten times the usual, for each objective, and without each helper. */
export async function adaptiveSubject(context: ReproduceContext): Promise<AdaptiveSubject> {
  const problem = problemOf(graphOf(zooModel('alexnet', { batch: 1 })), cluster);
  const { clock, random, signal } = context;
  const [first, ...others] = await planEnvelope(
    problem,
    ['neurosurgeon-chain', 'coach-lex', 'throughput-optimal', 'all-local'],
    { problemDigest: '', clock, random, signal },
    { grid: { ...envelopeGrid, objectives: ['latency', 'period', 'energy'] } },
  );
  if (first === undefined)
    throw new RefusedError('no planner has a plan for AlexNet on the three devices', 'Report this.');
  return { problem, plans: [first, ...others] };
}

/** What becomes of each request. */
export interface Course {
  readonly requests: readonly CourseRequest[];
  readonly switches: readonly { readonly atSeconds: number; readonly version: number }[];
}

export interface CourseRequest {
  readonly number: number;
  /** Deployed for it when it came. */
  readonly version: number;
  readonly atSeconds: number;
  /** Null = it failed, or was never answered. */
  readonly seconds: number | null;
}

export function courseOf(scenario: Scenario): Course {
  const requests = new Map<number, CourseRequest>();
  const switches: { atSeconds: number; version: number }[] = [];
  for (const event of simulate(scenario).events) {
    const { atSeconds } = event;
    if (event.kind === 'arrival')
      requests.set(event.request, {
        number: requests.size,
        version: event.version,
        atSeconds,
        seconds: null,
      });
    const own = event.kind === 'answer' ? requests.get(event.request) : undefined;
    if (event.kind === 'answer' && own !== undefined)
      requests.set(event.request, { ...own, seconds: atSeconds - own.atSeconds });
    if (event.kind === 'replan' || event.kind === 'repair')
      switches.push({ atSeconds, version: event.version });
  }
  return { requests: [...requests.values()], switches };
}

/** The same scenario with a gateway that adapts, and with one that keeps its first plan. */
export function bothCourses(scenario: Scenario): { readonly fixed: Course; readonly adapted: Course } {
  const { adaptation, pipelines, ...rest } = scenario;
  const first = pipelines.filter(({ version }) => version === adaptation?.current);
  return { fixed: courseOf({ ...rest, pipelines: first }), adapted: courseOf(scenario) };
}

export const everySecond = (requests: number, until: number): ScenarioArrivals => ({
  kind: 'periodic',
  seconds: seconds(1 / requests),
  requests: requests * until,
});

/** From then on both links carry this share of their rate. */
export const rateChange = (at: number, factor: number): readonly ScenarioChange[] =>
  ['server', 'nano'].map((to) => ({ kind: 'rate', atSeconds: seconds(at), from: 'pi', to, factor }));

/** One of the dynamics, as a scenario and what it is judged by; the smaller the better. */
export interface Dynamic {
  readonly name: string;
  readonly unit: string;
  readonly scenario: (subject: AdaptiveSubject) => Scenario;
  readonly measure: (course: Course, subject: AdaptiveSubject) => number;
}

export const dynamics: readonly Dynamic[] = [
  {
    name: 'network: 2 % of the rate for 30 s',
    unit: 'ms, mean',
    scenario: (subject) => ({
      ...adaptive(subject, everySecond(2, 90)),
      changes: [...rateChange(30, 0.02), ...rateChange(60, 1)],
    }),
    measure: (course) => meanMilliseconds(course, 30, 60),
  },
  {
    name: 'network: no link for 20 s',
    unit: 'ms, mean',
    scenario: (subject) => ({
      ...adaptive(subject, everySecond(2, 90)),
      changes: [...rateChange(30, 0), ...rateChange(50, 1)],
    }),
    measure: (course) => meanMilliseconds(course, 30, 50),
  },
  {
    name: 'failure: the server is lost after 30 of 90 s',
    unit: '% not answered within 1 s',
    scenario: (subject) => ({
      ...adaptive(subject, everySecond(5, 90)),
      changes: [{ kind: 'fail', atSeconds: seconds(30), device: 'server', policy: 'lost' }],
    }),
    measure: percentLate,
  },
  {
    name: 'heat: the board throttles itself to 40 % at 80 °C',
    unit: 'ms, mean',
    scenario: (subject) => ({
      ...adaptive(subject, everySecond(60, 240)),
      bodies: [
        {
          device: 'pi',
          heat: {
            ambientCelsius: 30,
            steadyCelsius: 190,
            seconds: seconds(30),
            limitCelsius: 80,
            throttledClock: 0.4,
          },
        },
      ],
    }),
    measure: (course) => meanMilliseconds(course, 0, 240),
  },
  {
    name: 'battery: 400 J on the board',
    unit: '% not answered within 1 s',
    scenario: (subject) => ({
      ...adaptive(subject, everySecond(30, 400)),
      bodies: [{ device: 'pi', battery: { joules: 400, idleWatts: 0.5, busyWatts: 6 } }],
    }),
    measure: percentLate,
  },
  {
    name: 'mission: energy counts from 30 of 90 s on',
    unit: 'J a request',
    scenario: (subject) => ({
      ...adaptive(subject, everySecond(5, 90)),
      changes: [{ kind: 'command', atSeconds: seconds(30), command: { objective: 'energy' } }],
    }),
    measure: (course, subject) => meanJoules(course, subject, 30),
  },
  {
    name: 'quality: the camera in use halves its quality',
    unit: 'ms, mean',
    scenario: (subject) => {
      const scenario = adaptive(subject, everySecond(5, 120));
      const exits = [{ stage: 0, share: 0.6, answerBytes: bytes(4000) }];
      return {
        ...scenario,
        pipelines: scenario.pipelines.map((pipeline) => ({ ...pipeline, decisions: { exits } })),
        sensors: [
          { sensor: 'front', quality: 1 },
          { sensor: 'rear', quality: 0.95 },
        ],
        changes: [{ kind: 'sensor', atSeconds: seconds(30), sensor: 'front', quality: 0.5 }],
      };
    },
    measure: (course) => meanMilliseconds(course, 30, 120),
  },
  {
    name: 'load: 200 requests/s for 30 s, half of them important',
    unit: 'ms, mean of the important',
    scenario: (subject) => {
      const scenario = adaptive(subject, loadStep, [0, 5]);
      const pipelines = scenario.pipelines.map((pipeline) => {
        return { ...pipeline, waiting: 20_000, priorities: [0, 5] };
      });
      return { ...scenario, pipelines };
    },
    measure: ({ requests, switches }) =>
      meanMilliseconds({ requests: requests.filter(({ number }) => number % 2 === 1), switches }, 20, 50),
  },
];

const loadStep: ScenarioArrivals = {
  kind: 'trace',
  atSeconds: [
    ...Array.from({ length: 400 }, (_, at) => at / 20),
    ...Array.from({ length: 6000 }, (_, at) => 20 + at / 200),
    ...Array.from({ length: 400 }, (_, at) => 50 + at / 20),
  ].map(seconds),
};

export function adaptive(
  { problem, plans }: AdaptiveSubject,
  arrivals: ScenarioArrivals,
  priorities: readonly number[] = [0],
): Scenario {
  return adaptiveScenario(problem, plans, { arrivals }, { priorities });
}

/** One plan alone, at a rate that stays; what an oracle would compare. */
export function steadyMilliseconds({ problem }: AdaptiveSubject, plan: Plan, factor: number): number {
  const arrivals = everySecond(2, 60);
  const alone = { ...adaptiveScenario(problem, [plan], { arrivals }), changes: rateChange(0, factor) };
  const { adaptation: _, ...fixed } = alone;
  return meanMilliseconds(courseOf(fixed), 5, 60);
}

export function meanMilliseconds({ requests }: Course, from: number, until: number): number {
  const own = requests.flatMap(({ atSeconds, seconds: took }) =>
    atSeconds >= from && atSeconds < until && took !== null ? [took] : [],
  );
  return (1e3 * own.reduce((sum, one) => sum + one, 0)) / own.length;
}

function percentLate({ requests }: Course): number {
  return (100 * requests.filter(({ seconds: took }) => took === null || took > 1).length) / requests.length;
}

function meanJoules({ requests }: Course, { problem, plans }: AdaptiveSubject, from: number): number {
  const { options } = adaptiveScenario(problem, plans).adaptation;
  const joules = new Map(options.map(({ version, energyJoules }) => [version, energyJoules ?? Number.NaN]));
  const own = requests.filter(({ atSeconds }) => atSeconds >= from);
  return own.reduce((sum, { version }) => sum + (joules.get(version) ?? Number.NaN), 0) / own.length;
}

/** In milliseconds: the 99th percentile of an important model alone, beside another that asks for twice what there is, and where both matter the same. */
export function twoModels({ problem, plans: [plan] }: AdaptiveSubject): {
  readonly alone: number;
  readonly above: number;
  readonly equal: number;
  /** Of the other model: what is not interrupted. */
  readonly layer: number;
} {
  const other = problemOf(graphOf(zooModel('resnet-18', { batch: 1 })), cluster);
  // The more important may begin behind every layer.
  const pieces = other.graph.nodes.map(({ id }) => ({ device: 'pi', nodes: [id] }));
  const low: Plan = {
    ...plan,
    planner: 'in pieces',
    version: plan.version + 100,
    stages: pieces,
    transfers: [],
  };
  const high = adaptiveScenario(problem, [plan], {
    arrivals: { kind: 'poisson', perSecond: 10, requests: 2000 },
  });
  const { adaptation: _, ...alone } = high;
  // The board needs 162 ms for a request of it: 12 a second are twice its time, 10 of the important ones beside it.
  const arrivals: ScenarioArrivals = { kind: 'poisson', perSecond: 12, requests: 2400 };
  const second = pipelineOf(other, low, { arrivals, window: 2, queue: 1, waiting: 4 });
  const beside = (priority: number): Scenario => ({
    ...alone,
    pipelines: [
      ...alone.pipelines.map((pipeline) => ({ ...pipeline, priority: 1 })),
      { ...second, priority },
    ],
  });
  const p99 = (scenario: Scenario): number => {
    const own = courseOf(scenario).requests.flatMap(({ version, seconds: took }) =>
      version === plan.version && took !== null ? [1e3 * took] : [],
    );
    return distributionOf(own)?.p99 ?? Number.NaN;
  };
  const layer = 1e3 * Math.max(...second.stages.map((stage) => stage.seconds));
  return { alone: p99(alone), above: p99(beside(0)), equal: p99(beside(1)), layer };
}
