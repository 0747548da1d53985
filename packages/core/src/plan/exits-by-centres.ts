import { bytes, flops } from '../units.ts';
import type { CutTensors } from './cut-tensors.ts';
import type { ExitTable } from './exit-table.ts';

/** One exit of a test, by the centres of a cut: the share that leaves, what its head costs (FLOPs, bytes of each kind) and the answers lost. */
export function exitsByCentres(
  cut: CutTensors,
  {
    share,
    cost,
    accuracyLoss,
  }: { readonly share: number; readonly cost: number; readonly accuracyLoss: number },
): ExitTable {
  const [work, size] = [flops(cost), bytes(cost)];
  const costs = { flops: work, movedBytes: size, parameterBytes: size, answerBytes: size };
  return {
    heads: [{ ...cut, kind: 'centres', ...costs }],
    settings: [{ points: [{ ...cut, kind: 'centres', threshold: 0.5, share }], accuracyLoss }],
  };
}
