import { chainScenario, metricsOf, type ScenarioArrivals, seconds, simulate, type Trace } from '@tandem/core';
import { type Claim, defineClaim, exactly, type Figure } from '../claim.ts';
import { papers } from '../papers.ts';
import { traceSpans } from '../trace-spans.ts';

const where = 'figure 2 and section II-C';

/** Time units on the device, on the link and in the cloud. */
const schemes = { 1: [1, 4, 1], 2: [2, 3, 2], 3: [2, 2, 2] } as const;

/** "Four inference tasks arrive sequentially every 2 time units." */
const arrivals: ScenarioArrivals = { kind: 'periodic', seconds: seconds(2), requests: 4 };

const judged = (unit: string, paper: number): Figure => ({ unit, paper, tolerance: exactly, where });
const unjudged = (unit: string): Figure => ({ unit, paper: null, tolerance: exactly, where });

export const k2: Claim = defineClaim({
  claim:
    'Of four tasks that arrive every 2 time units, scheme 1 takes 6 each alone and 4 between answers; scheme 2 takes 7 and 3 (25 % less); scheme 3 takes 2 between answers (50 % less).',
  paper: papers.coach,
  standIn:
    'Tandem’s simulator on three stages of constant times: a device, a link, a cloud, queues without bounds. The text prints latencies and longest stages but not the stages themselves; ours are whole times that have them: 1, 4, 1; 2, 3, 2; 2, 2, 2.',
  figures: {
    'scheme 1: latency of the first task': judged('units', 6),
    'scheme 2: latency of the first task': judged('units', 7),
    'scheme 1: between the last answers': judged('units', 4),
    'scheme 2: between the last answers': judged('units', 3),
    'scheme 3: between the last answers': judged('units', 2),
    'scheme 2: less than scheme 1': judged('%', 25),
    'scheme 3: less than scheme 1': judged('%', 50),
    'scheme 1: last answer': unjudged('units'),
    'scheme 2: last answer': unjudged('units'),
    'scheme 3: last answer': unjudged('units'),
    'scheme 1: latency of the last task': unjudged('units'),
    'scheme 2: latency of the last task': unjudged('units'),
    'scheme 3: latency of the last task': unjudged('units'),
    'scheme 1: idle between first and last work': unjudged('units'),
    'scheme 2: idle between first and last work': unjudged('units'),
    'scheme 3: idle between first and last work': unjudged('units'),
    'scheme 4: mean latency when every second task exits': unjudged('units'),
  },
  remarks: [
    'The paper calls the longest stage what the simulator shows between answers; scheme 3 is as fast as tasks arrive, so it could not show less.',
    'Scheme 4 is scheme 3 with early exits on the device; the text gives no numbers for it.',
  ],
  run: async () => {
    const [one, two, three] = [outcome(schemes[1]), outcome(schemes[2]), outcome(schemes[3])];
    return {
      'scheme 1: latency of the first task': one.first,
      'scheme 2: latency of the first task': two.first,
      'scheme 1: between the last answers': one.between,
      'scheme 2: between the last answers': two.between,
      'scheme 3: between the last answers': three.between,
      'scheme 2: less than scheme 1': 100 * (1 - two.between / one.between),
      'scheme 3: less than scheme 1': 100 * (1 - three.between / one.between),
      'scheme 1: last answer': one.end,
      'scheme 2: last answer': two.end,
      'scheme 3: last answer': three.end,
      'scheme 1: latency of the last task': one.last,
      'scheme 2: latency of the last task': two.last,
      'scheme 3: latency of the last task': three.last,
      'scheme 1: idle between first and last work': one.idle,
      'scheme 2: idle between first and last work': two.idle,
      'scheme 3: idle between first and last work': three.idle,
      'scheme 4: mean latency when every second task exits': withExits().mean,
    };
  },
  chart: async () => ({
    kind: 'spans',
    panels: Object.entries(schemes).map(([scheme, times]) => ({
      title: `Scheme ${scheme}: ${times.join(', ')}; four tasks, one every 2 units`,
      rows: ['d0', 'd0 → d1', 'd1'],
      unit: 'units',
      spans: traceSpans(traceOfScheme(times)).map((span) => ({ ...span, label: String(span.request + 1) })),
    })),
  }),
});

/** The trace of a scheme's four tasks. */
const traceOfScheme = (times: readonly number[]): Trace => simulate(chainScenario(times, arrivals));

function withExits(): { readonly mean: number } {
  const exits = (_stage: unknown, request: number): boolean => request % 2 === 1;
  const trace = simulate(chainScenario(schemes[3], arrivals), { hooks: { exits } });
  return { mean: metricsOf(trace).latencySeconds?.mean ?? Number.NaN };
}

interface Outcome {
  readonly first: number;
  readonly last: number;
  readonly end: number;
  /** From the last answer but one to the last. */
  readonly between: number;
  /** Of device, link and cloud together. */
  readonly idle: number;
}

function outcome(times: readonly number[]): Outcome {
  const trace = traceOfScheme(times);
  const at = (kind: 'arrival' | 'answer'): number[] =>
    trace.events.flatMap((event) => (event.kind === kind ? [event.atSeconds] : []));
  const [arrived, answered] = [at('arrival'), at('answer')];
  const [first = Number.NaN, last = Number.NaN] = [answered[0], answered.at(-1)];
  const { devices, links } = metricsOf(trace);
  return {
    first: first - (arrived[0] ?? Number.NaN),
    last: last - (arrived.at(-1) ?? Number.NaN),
    end: last,
    between: last - (answered.at(-2) ?? Number.NaN),
    idle: [...devices, ...links].reduce((sum, { bubbles }) => sum + bubbles.internalSeconds, 0),
  };
}
