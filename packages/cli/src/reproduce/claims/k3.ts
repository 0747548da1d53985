import { bitsPerSecond, bytes, type Scenario, type ScenarioStage, seconds, simulate } from '@tandem/core';
import { type Claim, defineClaim, exactly, type Figure } from '../claim.ts';
import { papers } from '../papers.ts';
import { type Span, sharedSeconds, traceSpans } from '../trace-spans.ts';

const where = 'figure 4, section III-B';

const judged = (paper: number): Figure => ({ unit: '1 = yes', paper, tolerance: exactly, where });
const unjudged: Figure = { unit: 'units', paper: null, tolerance: exactly, where };

export const k3: Claim = defineClaim({
  claim:
    'While the first tensor is sent, the device computes layers 5 and 6; while the second is sent, the cloud computes layer 4; layer 7 waits for the second, an additional bubble; constraint (4) holds.',
  paper: papers.coach,
  standIn:
    'Tandem’s simulator on layers 1 to 7 of the figure’s shape (1–2–3, 3 to 4, 3 to 5–6, 4 and 6 to 7): each layer takes one unit, each of the tensors behind 3 and 6 two units on the link; the device runs 1, 2, 3, 5, 6, the cloud 4 and 7. The paper prints no times: what it says of them in words is judged, our numbers are shown.',
  figures: {
    'layers 5 and 6 beside the first transmission': judged(1),
    'layer 4 beside the second transmission': judged(1),
    'layer 7 waits for the second transmission': judged(1),
    'constraint (4): Tt^p + Tc^p ≤ max(Te, Tt, Tc)': judged(1),
    Te: unjudged,
    Tt: unjudged,
    Tc: unjudged,
    'Tt^p': unjudged,
    'Tc^p': unjudged,
    Bc: unjudged,
    Bt: unjudged,
    latency: unjudged,
  },
  remarks: [
    'Te, Tt and Tc: how long device, link and cloud are busy; Tt^p: of the link’s time, beside the device; Tc^p: of the cloud’s, beside link or device (equations 4 and 5).',
  ],
  run: async () => {
    const spans = traceSpans(simulate(figureFour()));
    const of = (kind: Span['kind'], ...what: string[]): readonly Span[] =>
      spans.filter((span) => span.kind === kind && what.includes(span.what));
    const layers = (...numbers: number[]): readonly Span[] => of('computes', ...numbers.map(String));
    const [first, second] = [of('sends', 't3'), of('sends', 't6')];
    const [device, link, cloud] = [layers(1, 2, 3, 5, 6), of('sends', 't3', 't6'), layers(4, 7)];
    const [te, tt, tc] = [length(device), length(link), length(cloud)];
    const ttp = sharedSeconds(link, device);
    // No piece of the cloud's time is beside both: the device has ended when the cloud starts.
    const tcp = sharedSeconds(cloud, link) + sharedSeconds(cloud, device);
    const ready = Math.max(...layers(4, 6).map(({ endSeconds }) => endSeconds));
    return {
      'layers 5 and 6 beside the first transmission': yes(
        sharedSeconds(layers(5), first) > 0 && sharedSeconds(layers(6), first) > 0,
      ),
      'layer 4 beside the second transmission': yes(sharedSeconds(layers(4), second) > 0),
      'layer 7 waits for the second transmission': yes(
        ready < start(layers(7)) && end(second) === start(layers(7)),
      ),
      'constraint (4): Tt^p + Tc^p ≤ max(Te, Tt, Tc)': yes(ttp + tcp <= Math.max(te, tt, tc)),
      Te: te,
      Tt: tt,
      Tc: tc,
      'Tt^p': ttp,
      'Tc^p': tcp,
      Bc: Math.abs(te - tc),
      Bt: Math.abs(tt - Math.max(te, tt - ttp, tc - tcp)),
      latency: Math.max(...spans.map(({ endSeconds }) => endSeconds)),
    };
  },
  chart: async () => ({
    kind: 'spans',
    panels: [
      {
        title: 'Figure 4: layers 1 to 7 and the tensors behind 3 and 6',
        rows: ['device', 'device → cloud', 'cloud'],
        unit: 'units',
        spans: traceSpans(simulate(figureFour())).map((span) => ({ ...span, label: span.what })),
      },
    ],
  }),
});

const yes = (is: boolean): number => (is ? 1 : 0);
const start = ([first]: readonly Span[]): number => first?.startSeconds ?? Number.NaN;
const end = (spans: readonly Span[]): number => spans.at(-1)?.endSeconds ?? Number.NaN;
const length = (spans: readonly Span[]): number =>
  spans.reduce((sum, { startSeconds, endSeconds }) => sum + endSeconds - startSeconds, 0);

/** One request through layers as stages, each a unit long; the two tensors that cross take two units. */
function figureFour(): Scenario {
  const layer = (stage: number, device: string, ...reads: number[]): ScenarioStage => ({
    stage,
    device,
    seconds: seconds(1),
    inputs: reads.map((read) => `t${read}`),
    outputs: [`t${stage}`],
  });
  const stages = [
    layer(1, 'device', 0),
    layer(2, 'device', 1),
    layer(3, 'device', 2),
    layer(5, 'device', 3),
    layer(6, 'device', 5),
    layer(4, 'cloud', 3),
    layer(7, 'cloud', 4, 6),
  ];
  // At 8 bits a second a byte takes a second.
  const rate = { kind: 'constant', bitsPerSecond: bitsPerSecond(8) } as const;
  const pipeline = { inputs: ['t0'], outputs: ['t7'], source: 'device', sink: 'cloud' };
  return {
    devices: ['device', 'cloud'],
    links: [{ from: 'device', to: 'cloud', rate }],
    pipelines: [
      {
        version: 1,
        stages,
        tensors: ['t3', 't6'].map((tensor) => ({ tensor, bytes: bytes(2) })),
        ...pipeline,
        arrivals: { kind: 'one' },
      },
    ],
    acknowledgementSeconds: seconds(0),
  };
}
