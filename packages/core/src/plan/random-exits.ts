import type { Graph } from '../graph/graph.ts';
import type { Random } from '../random.ts';
import { bytes, flops } from '../units.ts';
import { type ExitHead, type ExitTable, exitOrder } from './exit-table.ts';
import type { ExitPolicy } from './policies.ts';

/**
 * A table on which planners are tried: heads on some of the tensors that may carry one, and settings in which more requests leave the
 * lower the threshold is. Null where the graph has no such tensor. The same `random` gives the same table.
 */
export function randomExits(random: Random, graph: Graph): ExitTable | null {
  const tensors = exitOrder(graph).filter(() => random.next() < 0.6);
  if (tensors.length === 0) return null;
  const heads = tensors.map(
    (tensor): ExitHead => ({
      tensor,
      kind: 'confidence',
      flops: flops(random.integer(200)),
      movedBytes: bytes(random.integer(4) * 256),
      parameterBytes: bytes(random.integer(4) * 64),
      answerBytes: bytes(4 + 4 * random.integer(10)),
    }),
  );
  const settings = Array.from({ length: 1 + random.integer(4) }, (_empty, at): ExitPolicy => {
    const threshold = 0.9 - at / 10;
    let left = 1;
    const points = heads.map(({ tensor, kind }) => {
      const share = random.next() < 0.1 ? left : (left * random.integer(5)) / 8;
      left -= share;
      return { tensor, kind, threshold, share };
    });
    return { points, accuracyLoss: random.integer(8) / 1000 };
  });
  return { heads, settings };
}
