import { type CutStudy, playedBy, type SubjectStudy, studyAll } from '../adaptive/adaptive-study.ts';
import type { RivalName } from '../adaptive/rivals.ts';
import { type Level, levels, runLength } from '../adaptive/stream-orders.ts';
import { settingText } from '../adaptive/stream-setting.ts';
import { subjects } from '../adaptive/subjects.ts';
import { type Claim, defineClaim, exactly, type Figure, type Findings } from '../claim.ts';
import { papers } from '../papers.ts';

const where = 'Table II, ResNet101';
/** In %, against no adjustment: 13.63 ms and 121.0 Kb. */
const printed: Readonly<
  Record<Level, { readonly exits: number; readonly latency: number; readonly bytes: number }>
> = {
  low: { exits: 11.86, latency: 100 * (1 - 12.19 / 13.63), bytes: 100 * (1 - 102.9 / 121) },
  medium: { exits: 37.41, latency: 100 * (1 - 9.68 / 13.63), bytes: 100 * (1 - 80.2 / 121) },
  high: { exits: 65.38, latency: 55.03, bytes: 66.7 },
};

const judged = (unit: string, paper: number): Figure => ({
  unit,
  paper,
  tolerance: { kind: 'at-least' },
  where,
});
const shown = (unit: string): Figure => ({ unit, paper: null, tolerance: exactly, where });

interface Entry {
  readonly name: string;
  readonly figure: Figure;
  readonly value: (study: SubjectStudy) => number;
}

export const adaptiveStandIn: string = `Trained models on recordings in place of ResNet101 and VGG16 on UCF101: ResNet-56 and ResNet-20 on CIFAR-10 (JPEG), calibrated on 1,000 pictures and judged on 1,000 others; MobileNetV2 on two clips of one camera each, calibrated on the first half of one and 125 photos, judged on its second half and the other clip. What the models say, whole and coded, is run with ONNX Runtime; the policies are those that agents run (\`core/schedule/online\`, as \`tandem calibrate\` sets them), each told the server’s answers when they come. Times and bytes are simulated on ${settingText}. Low: shuffled; medium: runs of ${runLength}, shuffled; high: in order of time. Pictures have no time: those of one class stand next to each other instead. Losses are of agreement with the whole model.`;

const entries: readonly Entry[] = [
  { name: 'cut', figure: shown('% of operations'), value: ({ chosen }) => 100 * chosen.recorded.fraction },
  { name: 'offline bits', figure: shown('bits'), value: ({ chosen }) => chosen.policy.crossing },
  {
    name: 'centres that name the model’s answer',
    figure: shown('%'),
    value: ({ chosen }) => namedBy(chosen, 'centres'),
  },
  {
    name: 'heads that name the model’s answer',
    figure: shown('%'),
    value: ({ chosen }) => namedBy(chosen, 'softmax head'),
  },
  {
    name: 'levels at which more leave than at the one before',
    figure: { unit: 'of 2', paper: 2, tolerance: exactly, where },
    value: rises,
  },
  ...levels.flatMap((level): Entry[] => [
    {
      name: `${level}: requests that leave`,
      figure: judged('%', printed[level].exits),
      value: ({ chosen }) => exitsOf(chosen, 'centres', level),
    },
    {
      name: `${level}: fewer bytes`,
      figure: judged('%', printed[level].bytes),
      value: ({ chosen }) => saved(chosen, level, 'bytes'),
    },
    {
      name: `${level}: less time`,
      figure: judged('%', printed[level].latency),
      value: ({ chosen }) => saved(chosen, level, 'latencySeconds'),
    },
    {
      name: `${level}: answers lost`,
      figure: shown('%'),
      value: ({ chosen }) => lostBy(chosen, 'centres', level),
    },
    {
      name: `${level}: a head instead, requests that leave`,
      figure: shown('%'),
      value: ({ chosen }) => exitsOf(chosen, 'softmax head', level),
    },
    {
      name: `${level}: a head instead, answers lost`,
      figure: shown('%'),
      value: ({ chosen }) => lostBy(chosen, 'softmax head', level),
    },
    {
      name: `${level}: repeating two of three, answers lost`,
      figure: shown('%'),
      value: ({ chosen }) => lostBy(chosen, 'repeat 2 of 3', level),
    },
  ]),
  {
    name: 'latency without adaptation',
    figure: shown('ms'),
    value: ({ chosen }) => 1e3 * (playedBy(chosen, 'no adaptation', 'high')?.latencySeconds ?? Number.NaN),
  },
  {
    name: 'latency at high correlation',
    figure: shown('ms'),
    value: ({ chosen }) => 1e3 * (playedBy(chosen, 'centres', 'high')?.latencySeconds ?? Number.NaN),
  },
  {
    name: 'latency of the device alone',
    figure: shown('ms'),
    value: ({ aloneSeconds }) => 1e3 * aloneSeconds,
  },
];

export const k8: Claim = defineClaim({
  claim:
    'With rising correlation of the data more requests leave early (11.86, 37.41, 65.38 % for ResNet101), and latency and transmission fall, by 55.03 and 66.70 % at high correlation.',
  paper: papers.coach,
  standIn: adaptiveStandIn,
  needsData: true,
  figures: Object.fromEntries(
    subjects.flatMap(({ name }) => entries.map((entry) => [`${name}, ${entry.name}`, entry.figure])),
  ),
  observed: (findings) => [...subjects.map(({ name }) => sentence(name, findings)), winsText(findings)],
  remarks: [
    'The cut is the candidate with the least latency that calibration foretells; candidates lie at 57 to 96 % of the operations, and those at which even half precision (16 bits) loses too much are left out. Without adaptation: the same cut and the offline bits for all.',
    'A head is a softmax classifier on the same pooled activations with a threshold, fitted on the same data (SPINN’s exit, at this cut). Repeating sends every third request and answers the others as the one before.',
    'Centres are means over many pictures of a label and say nothing of the last few seconds: how alike neighbours are can change what leaves only by what centres learn meanwhile, a few requests in a thousand.',
    'Where no head could be fitted (it wants ten samples of a label), or calibration kept no centres, none leave by it, it names no answer (0 %), and what is lost is lost by bits.',
  ],
  run: async ({ dataFolder, signal }) => {
    const studies = await studyAll({ dataFolder: dataFolder ?? '', signal });
    return Object.fromEntries(
      studies.flatMap((study) =>
        entries.map(({ name, value }) => [`${study.subject.name}, ${name}`, value(study)] as const),
      ),
    );
  },
  chart: async ({ dataFolder, signal }) => {
    const studies = dataFolder === null ? [] : await studyAll({ dataFolder, signal });
    return {
      kind: 'series',
      panels: (['centres', 'softmax head'] as const).map((rival) => ({
        title: `Requests that leave, by the depth of the cut, in order: ${rival}`,
        x: { label: '% of the operations before the cut', isLogarithmic: false },
        y: { label: '% of requests', isLogarithmic: false },
        series: studies.map(({ subject, cuts }) => ({
          label: subject.name,
          points: cuts.map((cut) => [100 * cut.recorded.fraction, exitsOf(cut, rival, 'high')] as const),
        })),
      })),
    };
  },
});

/** 0 of a policy that could not be had: nothing leaves by it. */
function exitsOf(cut: CutStudy, rival: RivalName, level: Level): number {
  return 100 * (playedBy(cut, rival, level)?.exitShare ?? 0);
}

/** In %, at low correlation; 0 of a policy that could not be had. */
function namedBy(cut: CutStudy, rival: RivalName): number {
  return 100 * (playedBy(cut, rival, 'low')?.namedShare ?? 0);
}

function lostBy(cut: CutStudy, rival: RivalName, level: Level): number {
  const played = playedBy(cut, rival, level) ?? playedBy(cut, 'no adaptation', level);
  return 100 * (played?.loss.share ?? Number.NaN);
}

function saved(cut: CutStudy, level: Level, what: 'bytes' | 'latencySeconds'): number {
  const own = playedBy(cut, 'centres', level)?.[what] ?? Number.NaN;
  return 100 * (1 - own / (playedBy(cut, 'no adaptation', level)?.[what] ?? Number.NaN));
}

function rises({ chosen }: SubjectStudy): number {
  const shares = levels.map((level) => exitsOf(chosen, 'centres', level));
  return shares.filter((share, at) => at > 0 && share > (shares[at - 1] ?? 0)).length;
}

/** Where centres are the better rival: more requests leave, and no more answers are lost. */
function winsText(findings: Findings): string {
  const cases = subjects.flatMap(({ name }) => levels.map((level) => `${name}, ${level}`));
  const of = (own: string, what: string): number => findings[`${own}: ${what}`] ?? Number.NaN;
  const overHead = cases.filter(
    (own) =>
      of(own, 'requests that leave') > of(own, 'a head instead, requests that leave') &&
      of(own, 'answers lost') <= of(own, 'a head instead, answers lost'),
  );
  const overRepeating = cases.filter(
    (own) => of(own, 'answers lost') <= 0.5 && of(own, 'repeating two of three, answers lost') > 0.5,
  );
  return `Centres keep the budget where repeating breaks it in ${overRepeating.length} of ${cases.length} cases, and let more leave than a head, for no more loss, in ${overHead.length}. They want five samples of a label where a head wants ten, and learn on while they run.`;
}

function sentence(name: string, findings: Findings): string {
  const of = (what: string): number => findings[`${name}, ${what}`] ?? Number.NaN;
  const [exits, alone, adapted] = [
    of('high: requests that leave'),
    of('latency of the device alone'),
    of('latency at high correlation'),
  ];
  const head = of('high: a head instead, requests that leave');
  const better = head > exits ? 'more than by the centres' : 'not more than by the centres';
  const [centres, heads] = [
    of('centres that name the model’s answer'),
    of('heads that name the model’s answer'),
  ];
  const byHead = heads === 0 ? 'no head could be fitted' : `a head’s for ${heads.toFixed(0)} %`;
  const named = `the nearest centre is the whole model’s answer for ${centres.toFixed(0)} % of the inputs, ${byHead}`;
  const leaving =
    exits === 0
      ? `nothing leaves, because calibration found no threshold that is safe${centres === 0 ? '' : `: ${named}`}`
      : `${exits.toFixed(1)} % leave, and by a head ${head.toFixed(1)} %, ${better}: ${named}`;
  const verdict = alone < adapted ? 'answers sooner than any of these' : 'takes longer';
  return `${name}, high correlation: ${leaving}; repeating two of three loses ${of('high: repeating two of three, answers lost').toFixed(1)} % of the answers, the centres ${of('high: answers lost').toFixed(2)} %. The device alone takes ${alone.toFixed(2)} ms and ${verdict}.`;
}
