import type { CalibratedCut, Calibration, CountedLoss, HeadSetting } from '@tandem/core';
import { shortName } from '../short-name.ts';
import { textTable } from '../text-table.ts';

const mostShown = 8;

/** A calibration for a person: a row a cut, the exits, and what the data are too few for. */
export function calibrationText(calibration: Calibration, path: string): string {
  const { model, data, mostLoss, cuts, heads } = calibration;
  const judged = data.judgedBy === 'labels' ? 'by labels' : 'by agreement with the whole model';
  return [
    `${model.name} on ${data.samples} samples of ${data.name}, ${judged}, at most ${share(mostLoss)} lost by bits and exits together`,
    textTable(
      [
        { title: 'crosses', align: 'left', cell: ({ tensors }) => shortName(tensors.join(' + '), 22) },
        { title: 'bits', align: 'right', cell: ({ bits }) => bits.map((own) => own ?? 'raw').join(', ') },
        { title: '% lost', align: 'right', cell: bitsLossText },
        { title: 'fewer', align: 'right', cell: fewerText },
        {
          title: '% exit',
          align: 'right',
          cell: ({ online, exitShare }) => (online.exitAbove === null ? 'off' : (100 * exitShare).toFixed(1)),
        },
        { title: '% lost by it', align: 'right', cell: exitText },
      ],
      cuts,
    ),
    ...(heads.settings.length === 0
      ? []
      : [
          textTable(
            [
              { title: 'exits above', align: 'right', cell: ({ threshold }) => String(threshold) },
              {
                title: `% leave at ${heads.heads.length} classifiers`,
                align: 'left',
                cell: ({ shares }) => shares.map((own) => (100 * own).toFixed(1)).join(' '),
              },
              { title: '% lost', align: 'left', cell: ({ loss }) => lossText(loss) },
            ],
            shownSettings(heads.settings, mostLoss),
          ),
        ]),
    [
      '% lost: of the answers, with the interval of 95 %; fewer: bits from which separability on.',
      ...notesOf(calibration),
      `saved to ${path}`,
    ].join('\n'),
  ].join('\n\n');
}

/** Of the bits that were chosen; where raw was, of 16 bits, which lose too much. */
function bitsLossText(cut: CalibratedCut): string {
  const own = lossOf(cut, cut.bits);
  const half = own === undefined && cut.bits.length === 1 ? lossOf(cut, [16]) : undefined;
  return half === undefined ? lossText(own) : `16: ${lossText(half)}`;
}

function lossOf({ losses }: CalibratedCut, bits: CalibratedCut['bits']): CountedLoss | undefined {
  return losses.find((row) => row.bits.every((own, at) => own === bits[at]))?.loss;
}

/** Those that lose little enough, most leaving first, and the one that loses least where none does. */
function shownSettings(settings: readonly HeadSetting[], mostLoss: number): readonly HeadSetting[] {
  const leaving = ({ shares }: HeadSetting): number => shares.reduce((sum, own) => sum + own, 0);
  const allowed = settings.filter(({ loss }) => loss.share <= mostLoss);
  if (allowed.length > 0) return allowed.toSorted((a, b) => leaving(b) - leaving(a)).slice(0, mostShown);
  return settings.toSorted((a, b) => a.loss.share - b.loss.share).slice(0, 1);
}

/** '0.10 (0.02–0.56)': in per cent, with the interval of 95 %. */
function lossText(loss: Pick<CountedLoss, 'share' | 'low' | 'high'> | undefined): string {
  if (loss === undefined) return '–';
  return `${percent(loss.share)} (${percent(loss.low)}–${percent(loss.high)})`;
}

function exitText({ online }: CalibratedCut): string {
  return online.exitAbove === null ? '–' : lossText(online.exitLoss);
}

/** '3: 0.41': with how few bits a request may cross from which separability on. */
function fewerText({ online }: CalibratedCut): string {
  return online.fewerBits.map(({ bits, atLeast }) => `${bits}: ${atLeast.toPrecision(2)}`).join(', ') || '–';
}

const percent = (value: number): string => (100 * value).toFixed(2);
const share = (value: number): string => `${percent(value)} %`;

/** Each once, with how many cuts it is of. */
function notesOf({ cuts, heads }: Calibration): string[] {
  const counts = new Map<string, number>();
  for (const { notes, online } of cuts)
    for (const note of [...notes, ...online.notes]) counts.set(note, (counts.get(note) ?? 0) + 1);
  const lines = [...counts].map(([note, count]) =>
    count === cuts.length ? note : `${note} (${count} cuts)`,
  );
  return [...lines, ...heads.notes];
}
