import type { AffineBits } from '../codec/codec.ts';
import type { Transfer } from './plan.ts';
import type { PrecisionPolicy } from './policies.ts';

/** The transfers of a request for which the policy chose `bits`: those that it covers carry that many, all others what they did. */
export function withBits(
  transfers: readonly Transfer[],
  policy: PrecisionPolicy,
  bits: AffineBits,
): readonly Transfer[] {
  return transfers.map((transfer) => {
    const { codec } = transfer;
    if (codec.kind !== 'affine' || !isCovered(policy, transfer)) return transfer;
    return { ...transfer, codec: { ...codec, bits } };
  });
}

export function isCovered(
  { transfers }: PrecisionPolicy,
  { tensor, to }: Pick<Transfer, 'tensor' | 'to'>,
): boolean {
  return transfers.some((covered) => covered.tensor === tensor && covered.to === to);
}
