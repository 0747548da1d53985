import { type LosslessName } from '../codec/codec.ts';
import type { Graph } from '../graph/graph.ts';
import type { Plan, Transfer } from './plan.ts';

/** The same plan, its float32 tensors, pictures excepted, compressed on their way where that makes them fewer bytes. */
export function compressedPlan({ tensors }: Graph, plan: Plan, lossless: LosslessName): Plan {
  const compressed = (transfers: readonly Transfer[]): Transfer[] =>
    transfers.map((transfer) => {
      const { codec, tensor } = transfer;
      if (codec.kind === 'picture' || tensors[tensor]?.type !== 'float32') return transfer;
      return { ...transfer, codec: { ...codec, lossless } };
    });
  const { mix } = plan;
  const variants = mix?.variants.map((way) => ({ ...way, transfers: compressed(way.transfers) }));
  return {
    ...plan,
    transfers: compressed(plan.transfers),
    ...(mix === undefined || variants === undefined ? {} : { mix: { ...mix, variants } }),
  };
}
