import { type CutEqualities, type EqualityKind, holds, tolerance } from './equalities.ts';
import type { SweepResult } from './sweep.ts';

const listed = 5;

/** One sentence for each equality that does not hold at some cut, with its worst cuts named and the cause where it is known. */
export function exceptionsOf({ subject, half, overridable, cuts }: SweepResult): string[] {
  const kinds: readonly EqualityKind[] = ['a', 'b', 'c'];
  const broken = kinds.flatMap((kind) => {
    const failed = cuts.filter((cut) => holds(kind, cut, half) === false);
    return failed.length === 0 ? [] : [sentence(subject, kind, failed)];
  });
  if (half) broken.unshift(halfPrecision(subject, cuts));
  if (overridable) broken.unshift(constantWeights(subject));
  return broken;
}

function sentence(subject: string, kind: EqualityKind, failed: readonly CutEqualities[]): string {
  const worst = [...failed].sort(
    (left, right) => right[kind].maxRelativeDifference - left[kind].maxRelativeDifference,
  );
  const names = worst.slice(0, listed).map((cut) => `${cut.boundary} (${describe(cut, kind)})`);
  const others = failed.length > listed ? ` and ${failed.length - listed} more` : '';
  return `EXCEPTION: ${subject}, (${kind}) does not hold at ${failed.length} cuts: ${names.join('; ')}${others}.`;
}

function describe(cut: CutEqualities, kind: EqualityKind): string {
  const { maxRelativeDifference, sameTop1 } = cut[kind];
  return `${maxRelativeDifference.toExponential(1)} relative${sameTop1 ? '' : ', another top-1'}`;
}

function halfPrecision(subject: string, cuts: readonly CutEqualities[]): string {
  const equal = cuts.filter((cut) => cut.b.identical).length;
  return (
    `${subject} is an fp16 model: ONNX Runtime computes it in fp32 between the edges of a graph, so a cut rounds to fp16 where the whole ` +
    `does not. (b) is not promised for it (it holds at ${equal} of ${cuts.length} cuts), and (c) within ${tolerance.float16}.`
  );
}

const constantWeights = (subject: string): string =>
  `${subject} lists its weights among its inputs, so that ONNX Runtime may not fold them; as it stands it rounds differently (about 2e-7) from ` +
  'any segment, even one with every node. It is compared with the same model with its weights as constants.';
