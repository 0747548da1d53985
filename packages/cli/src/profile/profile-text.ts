import { type MeasuredRow, nodeRanges, type ProfileFile, type RowClock } from '@tandem/core';
import { formatBytes, formatSeconds } from '../quantities.ts';
import { textTable } from '../text-table.ts';

interface Line {
  readonly batch: number;
  readonly threads: number;
  readonly warm: MeasuredRow;
  readonly cold: MeasuredRow;
  readonly nodesSum: number;
  readonly agreement: number | null;
}

/** A profile for a person: the whole model under each thread count, and how far to believe it. */
export function profileText(file: ProfileFile, path: string): string {
  const segments = new Set(file.rows.filter(({ kind }) => kind === 'segment').map(({ name }) => name));
  return [
    `${file.model.name} on ${file.device} (${file.machine.processor}), ${file.runtime}: ` +
      `${segments.size} segments and ${file.model.nodes} nodes, ${file.passes} passes`,
    '',
    textTable<Line>(
      [
        { title: 'batch', align: 'right', cell: ({ batch }) => String(batch) },
        { title: 'threads', align: 'right', cell: ({ threads }) => String(threads) },
        { title: 'whole model', align: 'right', cell: ({ warm }) => formatSeconds(warm.seconds) },
        { title: 'spread', align: 'right', cell: ({ warm }) => formatSeconds(warm.spreadSeconds) },
        { title: 'first run', align: 'right', cell: ({ cold }) => formatSeconds(cold.seconds) },
        { title: 'load', align: 'right', cell: ({ cold }) => formatSeconds(cold.loadSeconds ?? 0) },
        { title: 'memory', align: 'right', cell: ({ cold }) => formatBytes(cold.memoryBytes ?? 0) },
        {
          title: 'nodes / whole',
          align: 'right',
          cell: ({ warm, nodesSum }) => (nodesSum / warm.seconds).toFixed(2),
        },
        { title: 'repeats within', align: 'right', cell: ({ agreement }) => percent(agreement) },
      ],
      linesOf(file),
    ),
    '',
    '  spread: between the quartiles of the passes; nodes / whole: what the runtime’s own record of single nodes accounts for;',
    '  repeats within: RMS of ln(a pass / the median of the other passes) over all segments, each in a fresh session',
    ...clockLines(file),
    ...codecLines(file),
    '',
    `Saved to ${path}; use it with \`tandem plan MODEL --profile DEVICE=FILE\`.`,
  ].join('\n');
}

/** The whole model where it was slowed. */
function clockLines({ rows, model }: ProfileFile): string[] {
  const whole = wholeModel(model);
  const lines = rows.flatMap(({ kind, name, state, clock, batch, threads, seconds }) =>
    kind !== 'segment' || name !== whole || state === 'cold' || clock === undefined
      ? []
      : [`  ${clockText(clock)}, batch ${batch}, threads ${threads}: ${formatSeconds(seconds)}`],
  );
  return lines.length === 0 ? [] : ['', ...lines];
}

function clockText(clock: RowClock): string {
  switch (clock.kind) {
    case 'pace':
      return `paced to ${clock.share} of the speed (arithmetic, not measured)`;
    case 'quota':
      return `by quota ${clock.share} of the time (the mean of runs and pauses)`;
    case 'level':
      return `at ${Math.round(clock.hertz / 1e6)} MHz`;
    case 'mode':
      return `in power mode ${clock.name}`;
  }
}

/** What codecs take on this machine, one line for each codec and size. */
function codecLines({ rows }: ProfileFile): string[] {
  const codecs = rows.filter(({ kind }) => kind === 'codec');
  const encodes = codecs.filter(({ step }) => step === 'encode');
  if (encodes.length === 0) return [];
  const table = textTable<MeasuredRow>(
    [
      { title: 'activation', align: 'right', cell: ({ elements }) => formatBytes(4 * (elements ?? 0)) },
      { title: 'codec', align: 'left', cell: ({ name }) => name },
      { title: 'encode', align: 'right', cell: ({ seconds }) => formatSeconds(seconds) },
      { title: 'decode', align: 'right', cell: (row) => formatSeconds(decodeOf(row, codecs)?.seconds ?? 0) },
    ],
    encodes,
  );
  return ['', table, '', '  activation: as float32; raw is a copy; one thread, half of the values 0'];
}

function decodeOf({ name, elements }: MeasuredRow, codecs: readonly MeasuredRow[]): MeasuredRow | undefined {
  return codecs.find((row) => row.step === 'decode' && row.name === name && row.elements === elements);
}

function percent(ratio: number | null): string {
  return ratio === null ? 'one pass only' : `${(100 * ratio).toFixed(1)} %`;
}

function wholeModel({ nodes }: ProfileFile['model']): string {
  return nodeRanges([...Array(nodes).keys()]);
}

function linesOf({ rows, model, repeatability }: ProfileFile): Line[] {
  const whole = wholeModel(model);
  return repeatability.flatMap(({ batch, threads, rmsLogRatio }) => {
    const own = rows.filter(
      (row) => row.batch === batch && row.threads === threads && row.clock === undefined,
    );
    const find = (state: 'warm' | 'cold'): MeasuredRow | undefined =>
      own.find((row) => row.kind === 'segment' && row.name === whole && row.state === state);
    const [warm, cold] = [find('warm'), find('cold')];
    if (warm === undefined || cold === undefined) return [];
    const nodes = own.filter(({ kind }) => kind === 'node');
    const nodesSum = nodes.reduce((sum, { seconds }) => sum + seconds, 0);
    return [{ batch, threads, warm, cold, nodesSum, agreement: rmsLogRatio }];
  });
}
