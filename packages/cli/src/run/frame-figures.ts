import { type Distribution, distributionOf, type Interval, wilsonInterval } from '@tandem/core';
import type { Answer } from '@tandem/runtime';

/** What a stream of frames came to. */
export interface FrameFigures {
  readonly answered: number;
  readonly failed: number;
  /** Of the first frame that failed. */
  readonly firstError: string | null;
  /** Answers given early, by stage, ascending. */
  readonly exits: readonly { readonly stage: number; readonly frames: number; readonly share: number }[];
  readonly exitShare: number;
  /** Tensors that crossed with so many bits an element, ascending. */
  readonly bits: readonly { readonly bits: number; readonly tensors: number }[];
  /** Between agents, headers not counted. */
  readonly bytesSent: number;
  readonly bytesPerFrame: number;
  /** From handing a frame over to its answer. */
  readonly latencySeconds: Distribution | null;
  readonly framesPerSecond: number | null;
  /** Frames whose label is the one of the frame before. */
  readonly repeated: number;
  /** With the whole model, frame by frame; null where it was not asked. */
  readonly agreement: Agreement | null;
  /** Of the answers given early alone. */
  readonly exitAgreement: Agreement | null;
}

export interface Agreement extends Interval {
  readonly same: number;
  readonly frames: number;
  readonly share: number;
}

/** Counts answers as they come. */
export class FrameMeter {
  readonly #latencies: number[] = [];
  readonly #exits: Map<number, number> = new Map();
  readonly #bits: Map<number, number> = new Map();
  /** By frame: its label and whether it was answered early. */
  readonly #labels: Map<number, { readonly label: number; readonly isExit: boolean }> = new Map();
  #failed = 0;
  #firstError: string | null = null;
  #bytes = 0;

  get answered(): number {
    return this.#latencies.length;
  }

  fail(message: string): void {
    this.#failed++;
    this.#firstError ??= message;
  }

  answer(frame: number, label: number, { seconds, exit, transfers }: Answer): void {
    this.#latencies.push(seconds);
    this.#labels.set(frame, { label, isExit: exit !== null });
    if (exit !== null) count(this.#exits, exit.stage);
    for (const { bytes, codec } of transfers) {
      this.#bytes += bytes;
      if (codec.kind === 'affine') count(this.#bits, codec.bits);
    }
  }

  /** One line for a person who waits. */
  line(frames: number): string {
    const done = this.answered + this.#failed;
    const left = [...this.#exits.values()].reduce((sum, own) => sum + own, 0);
    const mean = this.#latencies.reduce((sum, own) => sum + own, 0) / Math.max(1, this.answered);
    const bits = [...this.#bits].map(([own, tensors]) => `${own} bits ${tensors}`).join(', ');
    return (
      `${done} of ${frames} frames, ${percent(left / Math.max(1, this.answered))} left early, ` +
      `${(1000 * mean).toFixed(1)} ms on average, ${(this.#bytes / 1000).toFixed(0)} kB sent${bits === '' ? '' : `; ${bits}`}`
    );
  }

  /** `whole` gives the whole model's label of each frame; null = it was not asked. */
  finish(elapsedSeconds: number, whole: ReadonlyMap<number, number> | null): FrameFigures {
    const { answered } = this;
    const exits = [...this.#exits].sort(([left], [right]) => left - right);
    const left = exits.reduce((sum, [, frames]) => sum + frames, 0);
    const labels = [...this.#labels];
    return {
      answered,
      failed: this.#failed,
      firstError: this.#firstError,
      exits: exits.map(([stage, frames]) => ({ stage, frames, share: frames / answered })),
      exitShare: answered === 0 ? 0 : left / answered,
      bits: [...this.#bits]
        .sort(([one], [other]) => one - other)
        .map(([bits, tensors]) => ({ bits, tensors })),
      bytesSent: this.#bytes,
      bytesPerFrame: answered === 0 ? 0 : this.#bytes / answered,
      latencySeconds: distributionOf(this.#latencies),
      framesPerSecond: elapsedSeconds > 0 ? answered / elapsedSeconds : null,
      repeated: labels.filter(([frame, { label }]) => this.#labels.get(frame - 1)?.label === label).length,
      agreement: whole === null ? null : agreementOf(labels, whole),
      exitAgreement:
        whole === null
          ? null
          : agreementOf(
              labels.filter(([, { isExit }]) => isExit),
              whole,
            ),
    };
  }
}

function agreementOf(
  labels: readonly (readonly [number, { readonly label: number }])[],
  whole: ReadonlyMap<number, number>,
): Agreement {
  const same = labels.filter(([frame, { label }]) => whole.get(frame) === label).length;
  const frames = labels.length;
  return { same, frames, share: frames === 0 ? 0 : same / frames, ...wilsonInterval(same, frames) };
}

function count(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** One decimal. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
