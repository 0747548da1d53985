import { bothText } from '../metrics/both-text.ts';
import { metricsText } from '../metrics/metrics-text.ts';
import { adaptedLines } from './adapted-stream.ts';
import { decidedLines } from './frame-text.ts';
import type { StreamRow } from './run-result.ts';

/** Many requests for a person; beside their simulation where there is one. */
export function streamText({
  failed,
  differing,
  firstError,
  decided,
  metrics,
  simulated,
  adapted,
  journal,
}: StreamRow): string {
  return metricsText(metrics, [
    ...(simulated === undefined ? [] : ['', bothText(simulated, metrics)]),
    '',
    ...(decided === null ? [] : decidedLines(decided)),
    differing === 0
      ? decided === null
        ? 'All answers are those of the first request that ran the same way, within rounding where it was cut elsewhere or in a batch.'
        : 'All answers have the label of the first request that ran the same way.'
      : `${differing} ANSWERS DIFFER from that of the first request that ran the same way.`,
    ...(adapted === undefined ? [] : adaptedLines(adapted)),
    ...(journal === undefined || journal.ended + journal.again === 0
      ? []
      : [
          `Earlier runs had ended ${journal.ended} of the requests and begun ${journal.again}; the figures above are of those sent now.`,
        ]),
    ...(failed === 0 ? [] : [`${failed} REQUESTS FAILED, the first: ${firstError ?? ''}`]),
  ]);
}
