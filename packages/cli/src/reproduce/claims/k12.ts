import { mostLoss } from '../adaptive/adaptive-policy.ts';
import { playedBy, studyAll } from '../adaptive/adaptive-study.ts';
import { levels } from '../adaptive/stream-orders.ts';
import { subjects } from '../adaptive/subjects.ts';
import { type Claim, defineClaim, exactly, type Figure, type Findings } from '../claim.ts';
import { papers } from '../papers.ts';
import { adaptiveStandIn } from './k8.ts';

const where = 'section III, equation (1)';
const kept = 100 * (1 - mostLoss);

export const k12: Claim = defineClaim({
  claim: 'Fewer bits and early exits together cost at most 0.5 % of the answers.',
  paper: papers.coach,
  standIn: adaptiveStandIn,
  needsData: true,
  figures: figures(),
  observed: (findings) => subjects.map(({ name }) => sentence(name, findings)),
  remarks: [
    'What is judged is the share of answers that are the whole model’s; the interval is Wilson’s, 95 %. A share within the budget whose interval reaches below it is no proof.',
    'Half of the budget is for bits and half for exits. To tell a loss of 0.25 % from none in each half of the data, calibration needs 800 samples; with fewer, bits that lost nothing prove nothing, so activations cross in half precision (16 bits) and exits have all of the budget, which 400 samples could tell.',
  ],
  run: async ({ dataFolder, signal }) => {
    const studies = await studyAll({ dataFolder: dataFolder ?? '', signal });
    const found: [string, number][] = [];
    for (const { subject, chosen } of studies) {
      found.push([`${subject.name}, samples for calibration`, chosen.recorded.calibration.length]);
      for (const level of levels) {
        const loss = playedBy(chosen, 'centres', level)?.loss;
        found.push(
          [`${subject.name}, ${level}: answers kept`, 100 * (1 - (loss?.share ?? 1))],
          [`${subject.name}, ${level}: at least, by the interval`, 100 * (1 - (loss?.high ?? 1))],
        );
      }
      const { check } = chosen;
      if (check !== null)
        found.push([`${subject.name}, other pictures: answers kept`, 100 * (1 - check.loss.share)]);
    }
    return Object.fromEntries(found);
  },
});

function figures(): Readonly<Record<string, Figure>> {
  const shown = (unit: string): Figure => ({ unit, paper: null, tolerance: exactly, where });
  const judged: Figure = { unit: '%', paper: kept, tolerance: { kind: 'at-least' }, where };
  return Object.fromEntries(
    subjects.flatMap(({ name, check }) => [
      [`${name}, samples for calibration`, shown('samples')] as const,
      ...levels.flatMap((level) => [
        [`${name}, ${level}: answers kept`, judged] as const,
        [`${name}, ${level}: at least, by the interval`, shown('%')] as const,
      ]),
      ...(check.length === 0 ? [] : [[`${name}, other pictures: answers kept`, judged] as const]),
    ]),
  );
}

function sentence(name: string, findings: Findings): string {
  const shares = levels.map((level) => findings[`${name}, ${level}: answers kept`] ?? Number.NaN);
  const least = Math.min(...shares);
  const samples = findings[`${name}, samples for calibration`] ?? 0;
  const needed = 2 / (mostLoss / 2);
  const isKept = least >= kept;
  const reason =
    samples < needed
      ? `; its ${samples} samples are fewer than the ${needed} that could tell of fewer bits, so activations cross in half precision`
      : '';
  return `${name}: ${isKept ? 'within the budget at every level' : `loses up to ${(100 - least).toFixed(2)} %`}${reason}.`;
}
