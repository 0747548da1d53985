import { formatBytes, formatSeconds } from '../quantities.ts';
import { adaptedLines } from './adapted-stream.ts';
import type { FrameResult } from './frame-command.ts';
import { type Agreement, type FrameFigures, percent } from './frame-figures.ts';

/** A stream of frames for a person. */
export function frameText(result: FrameResult): string {
  const { latencySeconds, framesPerSecond, decisions } = result;
  return [
    `${result.model}, plan of ${result.planner}: ${result.answered} of ${result.frames} frames answered, ${result.order}`,
    ...decidedLines(result).map((line) => `  ${line}`),
    `  sent: ${formatBytes(result.bytesSent)}, ${formatBytes(Math.round(result.bytesPerFrame))} a frame`,
    ...(latencySeconds === null
      ? []
      : [
          `  latency: mean ${formatSeconds(latencySeconds.mean)}, p50 ${formatSeconds(latencySeconds.p50)}, p95 ${formatSeconds(latencySeconds.p95)}, most ${formatSeconds(latencySeconds.most)}`,
        ]),
    ...(framesPerSecond === null ? [] : [`  pace: ${framesPerSecond.toPrecision(3)} frames/s`]),
    `  ${result.repeated} frames have the label of the one before`,
    ...agreementLines('of the frames have the label of the whole model', result.agreement),
    ...agreementLines('of those answered early', result.exitAgreement),
    ...(result.adapted === undefined ? [] : adaptedLines(result.adapted).map((line) => `  ${line}`)),
    ...decisions.flatMap(({ stage, note }) => (note === null ? [] : [`  stage ${stage}: ${note}`])),
    ...result.notes.map((note) => `  ${note}`),
    ...(result.failed === 0
      ? []
      : [`  ${result.failed} FRAMES FAILED, the first: ${result.firstError ?? ''}`]),
  ].join('\n');
}

/** Who answered early, and how the others crossed. */
export function decidedLines({ exits, bits }: Pick<FrameFigures, 'exits' | 'bits'>): string[] {
  return [
    ...exits.map(({ stage, frames, share }) => `stage ${stage} answered ${frames} early (${percent(share)})`),
    ...(exits.length === 0 ? ['nothing was answered early'] : []),
    ...bits.map(({ bits: own, tensors }) => `${tensors} tensors crossed with ${own} bits`),
  ];
}

function agreementLines(what: string, agreement: Agreement | null): string[] {
  if (agreement === null || agreement.frames === 0) return [];
  const { share, same, frames, low, high } = agreement;
  return [`  ${percent(share)} ${what} (${same} of ${frames}, 95 %: ${percent(low)} to ${percent(high)})`];
}
