import { accuracyText } from '../plan/accuracy-explanation.ts';
import { formatBytes, formatSeconds } from '../quantities.ts';
import { shortName } from '../short-name.ts';
import { textTable } from '../text-table.ts';
import type { Equality } from './equality.ts';
import type { RunResult, StageRow, TransferRow } from './run-result.ts';
import { streamText } from './stream-text.ts';

/** A run for a person. */
export function runText(result: RunResult): string {
  return [
    ...labelLines(result),
    textTable<StageRow>(
      [
        {
          title: 'stage',
          align: 'left',
          cell: ({ device, emulated }) => `${device}${emulated ? ' (emulated)' : ''}`,
        },
        { title: 'nodes', align: 'right', cell: ({ nodes }) => String(nodes) },
        {
          title: 'predicted',
          align: 'right',
          cell: ({ predictedSeconds }) => formatSeconds(predictedSeconds),
        },
        { title: 'measured', align: 'right', cell: ({ measuredSeconds }) => formatSeconds(measuredSeconds) },
        {
          title: 'of it compute',
          align: 'right',
          cell: ({ computeSeconds }) => formatSeconds(computeSeconds),
        },
      ],
      result.stages,
    ),
    ...(result.transfers.length === 0 ? [] : ['', transferTable(result.transfers)]),
    '',
    `  request: ${predictedText(result)} predicted (${result.predictedSource}), ` +
      `${formatSeconds(result.measuredSeconds)} measured, after one to warm up`,
    `  whole model on this machine, one thread: ${formatSeconds(result.wholeModelSeconds)} measured`,
    ...(result.computeErrorSeconds === null ? [] : ['  ±: computing, from pass to pass of the profile']),
    ...emulationLines(result),
    ...(result.stream === undefined ? [] : ['', streamText(result.stream)]),
    '',
    `Why this plan: ${result.why}`,
    ...(result.accuracy.source === 'exact' ? [] : [`Accuracy: ${accuracyText(result.accuracy)}`]),
    ...result.decisions.flatMap(({ stage, note }) => (note === null ? [] : [`Stage ${stage}: ${note}`])),
    ...result.notes,
    ...(result.notExecuted.length === 0 ? [] : [`Not executed: ${result.notExecuted.join(' ')}`]),
    equalityLine(result),
    `Agents: ${result.agents.map(({ device, pid, address }) => `${device} = process ${pid} at ${address}`).join(', ')}`,
    ...(result.beside ?? []).flatMap((other) => [
      '',
      `Beside it, at the same time${priorities(result, other)}:`,
      '',
      runText(other),
    ]),
  ].join('\n');
}

const priorities = (first: RunResult, other: RunResult): string =>
  ` (priority ${other.priority ?? 0}, the first model's is ${first.priority ?? 0})`;

function labelLines({ model, predictions, labelsMeanNothing }: RunResult): string[] {
  if (predictions === undefined) return [`${model} answered`, ''];
  const lines = predictions.map(
    ({ label, probability }) => `  ${(100 * probability).toFixed(1).padStart(5)} %  ${label}`,
  );
  const note = labelsMeanNothing
    ? ' (untrained weights or a generated input: the label means nothing, the equality below does)'
    : '';
  return [`${model} says${note}`, ...lines, ''];
}

function predictedText({ predictedSeconds, computeErrorSeconds }: RunResult): string {
  const error = computeErrorSeconds === null ? '' : ` ± ${formatSeconds(computeErrorSeconds)}`;
  return `${formatSeconds(predictedSeconds)}${error}`;
}

function transferTable(transfers: readonly TransferRow[]): string {
  return textTable<TransferRow>(
    [
      { title: 'transfer', align: 'left', cell: ({ tensor }) => shortName(tensor, 32) },
      { title: 'from', align: 'left', cell: ({ from }) => from },
      { title: 'to', align: 'left', cell: ({ to }) => to },
      { title: 'sent', align: 'right', cell: ({ bytes, sentBytes }) => formatBytes(sentBytes ?? bytes) },
      { title: 'as', align: 'left', cell: codecText },
      { title: 'predicted', align: 'right', cell: ({ predictedSeconds }) => formatSeconds(predictedSeconds) },
      { title: 'measured', align: 'right', cell: measuredText },
    ],
    transfers,
  );
}

const codecText = ({ codec, rawBecause }: TransferRow): string =>
  rawBecause === null ? codec : `${codec}: ${rawBecause}`;

const measuredText = ({ measuredSeconds }: TransferRow): string =>
  measuredSeconds === null ? 'unknown' : formatSeconds(measuredSeconds);

function emulationLines({ stages }: RunResult): string[] {
  if (!stages.some(({ emulated }) => emulated)) return [];
  return [
    '  emulated devices hold their answers until the predicted time, and their links are paced to their rate',
  ];
}

function lossyLine({ sameTop1, maxAbsoluteDifference, rule }: Equality): string {
  const verdict = sameTop1 ? 'has the top-1 of the whole model' : 'HAS ANOTHER TOP-1 than the whole model';
  return `The split answer ${verdict}: largest difference ${maxAbsoluteDifference.toExponential(1)}, rule: ${rule}.`;
}

function equalityLine({ equality }: RunResult): string {
  if (equality.kind === 'lossy') return lossyLine(equality);
  const verdict = equality.holds
    ? 'The split answer is the whole model’s'
    : 'THE SPLIT ANSWER DIFFERS from the whole model’s';
  return `${verdict}: largest difference ${equality.maxAbsoluteDifference.toExponential(1)}, rule (${equality.kind}): ${equality.rule}.`;
}
