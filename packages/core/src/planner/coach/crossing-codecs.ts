import { minBits } from '../../calibrate/min-bits.ts';
import { affineBits } from '../../codec/codec.ts';
import type { TensorId } from '../../graph/graph.ts';
import { codecLoss, hasHalfPrecision } from '../../plan/accuracy.ts';
import type { Problem } from '../../plan/problem.ts';
import { type TransferCodec, transferBytes } from '../../plan/transfer-codec.ts';
import { isShorter } from '../coded-crossing.ts';

/** The share of answers that COACH lets codes cost, where the problem does not say. */
const publishedLoss = 0.005;

/** A way to send a tensor. */
export interface CodecOption {
  readonly codec: TransferCodec;
  readonly loss: number;
  readonly bytes: number;
}

/** Which codes may carry which tensors, so that all that cross together cost at most a share of the answers. */
export class CrossingCodecs {
  readonly #problem: Problem;
  readonly #mostLoss: number;
  readonly #options = new Map<TensorId, readonly CodecOption[]>();

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#mostLoss = problem.constraints.accuracyLoss ?? publishedLoss;
  }

  /** From the fewest bits that lose little enough alone up to 8, 16 where these were measured, then raw: shortest first. Answers travel raw. */
  of(tensor: TensorId): readonly CodecOption[] {
    const known = this.#options.get(tensor);
    if (known !== undefined) return known;
    const options = [...this.#coded(tensor), this.#option(tensor, { kind: 'raw' })];
    this.#options.set(tensor, options);
    return options;
  }

  /**
   * Which option each tensor takes for them to cross together: its fewest bits, and then, while the sum of the losses is too great, one
   * step more for the tensor that gains most accuracy a byte. Constraint (1) of the paper holds each tensor alone; this holds all.
   */
  together(tensors: readonly TensorId[]): number[] {
    const chosen = tensors.map(() => 0);
    while (!this.fits(tensors, chosen)) {
      let best = { at: -1, gain: -1 };
      for (const [at, tensor] of tensors.entries()) {
        const now = this.of(tensor)[chosen[at] ?? 0];
        const next = this.of(tensor)[(chosen[at] ?? 0) + 1];
        if (now === undefined || next === undefined) continue;
        const gain = (now.loss - next.loss) / Math.max(1, next.bytes - now.bytes);
        if (gain > best.gain) best = { at, gain };
      }
      if (best.at < 0) return tensors.map((tensor) => this.of(tensor).length - 1);
      chosen[best.at] = (chosen[best.at] ?? 0) + 1;
    }
    return chosen;
  }

  fits(tensors: readonly TensorId[], chosen: readonly number[]): boolean {
    let loss = 0;
    for (const [at, tensor] of tensors.entries()) loss += this.of(tensor)[chosen[at] ?? 0]?.loss ?? 0;
    return loss <= this.#mostLoss;
  }

  #coded(tensor: TensorId): CodecOption[] {
    const { graph } = this.#problem;
    const row = graph.tensors[tensor];
    if (row === undefined || graph.outputs.includes(tensor)) return [];
    const options = affineBits
      .map((bits): TransferCodec => ({ kind: 'affine', bits, perChannel: false }))
      .map((codec) => this.#option(tensor, codec));
    const fewest = minBits((bits) => options[affineBits.indexOf(bits)]?.loss ?? 1, this.#mostLoss);
    const half = hasHalfPrecision(this.#problem, tensor) ? [this.#option(tensor, { kind: 'fp16' })] : [];
    return [...(fewest === null ? [] : options.slice(affineBits.indexOf(fewest))), ...half].filter(
      ({ codec, loss }) => loss <= this.#mostLoss && isShorter(row, codec),
    );
  }

  #option(tensor: TensorId, codec: TransferCodec): CodecOption {
    const row = this.#problem.graph.tensors[tensor];
    return {
      codec,
      loss: codecLoss(this.#problem, tensor, codec),
      bytes: row === undefined ? 0 : transferBytes(row, codec),
    };
  }
}
