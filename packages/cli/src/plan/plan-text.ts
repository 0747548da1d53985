import { type Problem, valueText } from '@tandem/core';
import { predictedTimesText } from '../profile/predictions.ts';
import { formatBitRate, formatBytes, formatJoules, formatSeconds } from '../quantities.ts';
import { shortName } from '../short-name.ts';
import { type Column, textTable } from '../text-table.ts';
import { accuracyText } from './accuracy-explanation.ts';
import type { ExitExplanation, ExitsExplanation } from './exits-explanation.ts';
import type {
  Explanation,
  MemoryExplanation,
  MixExplanation,
  PlannerExplanation,
  StageExplanation,
  TransferExplanation,
  WayExplanation,
} from './explanation.ts';
import type { Verdict } from './verdict.ts';

const nameWidth = 22;

/** A plan and its price for a person; tables are at most 100 columns wide, sentences as long as they are. */
export function planText(
  problem: Problem,
  planner: string,
  {
    stages,
    transfers,
    mix,
    exits,
    totals,
    accuracy,
    predictedTimes,
    memory,
    energy,
    planners,
    notExecuted,
  }: Explanation,
  verdict: Verdict,
): string {
  return [
    `Plan for ${problem.graph.name} by ${planner}`,
    stageTable(stages),
    ...(transfers.length === 0 ? [] : [transferTable(transfers)]),
    ...(mix === null ? [] : [mixText(mix)]),
    ...(exits === null ? [] : [exitsText(exits)]),
    [
      ...totalLines(totals, energy, mix !== null || stages.some(({ replicas }) => replicas !== undefined)),
      ...(accuracy.source === 'exact' ? [] : [`  accuracy  ${accuracyText(accuracy)}`]),
    ].join('\n'),
    ...(predictedTimes === null ? [] : [`The ${predictedTimesText(predictedTimes)}.`]),
    memoryTable(memory),
    plannerTable(problem, planners),
    ...(notExecuted.length === 0 ? [] : [`Not executed by tandem run: ${notExecuted.join(' ')}`]),
    verdict.sentences.join('\n'),
  ].join('\n\n');
}

function stageTable(stages: readonly StageExplanation[]): string {
  return textTable(
    [
      { title: 'stage', align: 'left', cell: stageDeviceText },
      { title: 'nodes', align: 'right', cell: ({ nodes }) => String(nodes) },
      { title: 'from', align: 'left', cell: ({ first }) => shortName(first, nameWidth) },
      { title: 'to', align: 'left', cell: ({ last }) => shortName(last, nameWidth) },
      { title: 'computes for', align: 'left', cell: computeText },
      { title: 'starts', align: 'right', cell: ({ startSeconds }) => formatSeconds(startSeconds) },
    ],
    stages,
  );
}

/** "pi ×3, nuc ×1" where they share the requests. */
const stageDeviceText = ({ device, replicas }: StageExplanation): string =>
  replicas === undefined
    ? shortName(device, 12)
    : replicas.map((one) => `${shortName(one.device, 8)} ×${Number(one.weight.toPrecision(3))}`).join(', ');

function computeText({ computeSeconds, errorSeconds, source, together }: StageExplanation): string {
  const error = errorSeconds === null ? '' : ` ± ${formatSeconds(errorSeconds)}`;
  const batch = together === undefined ? '' : ` for ${together.requests} together`;
  return `${formatSeconds(computeSeconds)}${error}${batch}, ${source}`;
}

function transferTable(transfers: readonly TransferExplanation[]): string {
  return textTable(
    [
      { title: 'transfer', align: 'left', cell: ({ tensor }) => shortName(tensor, nameWidth) },
      { title: 'shape', align: 'left', cell: ({ shape }) => shape.join('×') },
      {
        title: 'way',
        align: 'left',
        cell: ({ from, to }) => `${shortName(from, 10)} → ${shortName(to, 10)}`,
      },
      { title: 'size', align: 'right', cell: ({ bytes }) => formatBytes(bytes) },
      { title: 'takes', align: 'right', cell: ({ seconds }) => formatSeconds(seconds) },
      { title: 'at', align: 'left', cell: linkRateText },
    ],
    transfers,
  );
}

const rateSources = { constant: 'stated', trace: 'from a trace', shannon: 'by Shannon' } as const;

function linkRateText({ bitsPerSecond, rateSource }: TransferExplanation): string {
  if (bitsPerSecond === null || rateSource === null) return 'no link';
  return `${formatBitRate(bitsPerSecond)}, ${rateSources[rateSource]}`;
}

/** More would tell nothing: a pattern of a stream alternates. */
const mostRuns = 12;

/** The stages above are the first way's. */
function mixText({ ways, runs }: MixExplanation): string {
  const shown = runs.slice(0, mostRuns).map(({ requests, way }) => `${requests} × ${way + 1}`);
  const rest = runs.length > mostRuns ? ', …' : '';
  return `${textTable(
    wayColumns,
    ways.map((way, at) => ({ ...way, way: at + 1 })),
  )}\n  in the order ${shown.join(', ')}${rest}; the tables above show way 1`;
}

const wayColumns: readonly Column<WayExplanation & { readonly way: number }>[] = [
  { title: 'way', align: 'left', cell: ({ way }) => String(way) },
  { title: 'requests', align: 'right', cell: ({ requests }) => String(requests) },
  { title: 'takes', align: 'right', cell: ({ latencySeconds }) => formatSeconds(latencySeconds) },
  { title: 'sends', align: 'right', cell: ({ bytesSent }) => formatBytes(bytesSent) },
  { title: 'runs', align: 'left', cell: ({ placement }) => shortName(placement, 58) },
];

function exitsText({ points, stayingShare, worstLatencySeconds }: ExitsExplanation): string {
  const rest = `${percent(stayingShare)} stay and take at most ${formatSeconds(worstLatencySeconds)}`;
  return `${textTable(exitColumns, points)}\n  ${rest}; the tables above show those, the totals below are means`;
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

const exitColumns: readonly Column<ExitExplanation>[] = [
  { title: 'exit', align: 'left', cell: ({ tensor }) => shortName(tensor, nameWidth) },
  { title: 'on', align: 'left', cell: ({ device }) => shortName(device, 12) },
  { title: 'leaves above', align: 'left', cell: ({ kind, threshold }) => `${threshold} (${kind})` },
  { title: 'requests', align: 'right', cell: ({ share }) => percent(share) },
  { title: 'answered in', align: 'right', cell: ({ latencySeconds }) => formatSeconds(latencySeconds) },
];

function totalLines(
  totals: Explanation['totals'],
  energy: Explanation['energy'],
  isMixed: boolean,
): string[] {
  const { latencySeconds, errorSeconds, periodSeconds, requestsPerSecond, requests } = totals;
  const error = errorSeconds === null ? '' : `; computing ± ${formatSeconds(errorSeconds)} from pass to pass`;
  const makespan = `  makespan  ${formatSeconds(totals.makespanSeconds)} for ${requests} requests`;
  return [
    `  latency   ${formatSeconds(latencySeconds)}${isMixed ? ', the slowest way' : ''} (times: ${totals.source}${error})`,
    `  period    ${formatSeconds(periodSeconds)}, set by ${totals.busiest}: at most ${requestsPerSecond.toPrecision(3)} requests/s`,
    ...(requests === 1 ? [] : [makespan]),
    `  sent      ${formatBytes(totals.bytesSent)}${isMixed ? ' a request on average' : ''}`,
    `  energy    ${energyText(totals, energy)}`,
  ];
}

function energyText(
  { energyJoules, energyUnknown }: Explanation['totals'],
  devices: Explanation['energy'],
): string {
  if (energyJoules === null) return `not known. ${energyUnknown ?? ''}`.trim();
  const parts = devices.flatMap(({ device, joules }) => {
    if (joules === null) return [];
    const { staticJoules, dynamicJoules, idleJoules, radioJoules } = joules;
    const computing = formatJoules(staticJoules + dynamicJoules);
    return `'${device}' ${formatJoules(joules.energyJoules)} (computing ${computing}, waiting ${formatJoules(idleJoules)}, radio ${formatJoules(radioJoules)})`;
  });
  return `${formatJoules(energyJoules)} a request: ${parts.join('; ')}`;
}

function memoryTable(memory: readonly MemoryExplanation[]): string {
  return textTable(
    [
      { title: 'memory', align: 'left', cell: ({ device }) => shortName(device, 12) },
      { title: 'parameters', align: 'right', cell: ({ parameterBytes }) => formatBytes(parameterBytes) },
      {
        title: 'activations',
        align: 'right',
        cell: ({ activationBytes, queueBytes }) => formatBytes(activationBytes + queueBytes),
      },
      { title: 'runtime', align: 'right', cell: ({ overheadBytes }) => formatBytes(overheadBytes) },
      { title: 'in all', align: 'right', cell: ({ memoryBytes }) => formatBytes(memoryBytes) },
      {
        title: 'of',
        align: 'left',
        cell: ({ capacityBytes, share }) =>
          `${formatBytes(capacityBytes)} (${(100 * share).toPrecision(2)} %)`,
      },
      {
        title: 'the whole model',
        align: 'left',
        cell: ({ alone: { front } }) =>
          front.overflowsAt === null ? 'fits' : `overflows at ${shortName(front.overflowsAt, nameWidth)}`,
      },
    ],
    memory,
  );
}

function plannerTable(problem: Problem, planners: readonly PlannerExplanation[]): string {
  return textTable(
    [
      { title: 'planner', align: 'left', cell: ({ name }) => name },
      { title: 'plans priced', align: 'right', cell: ({ evaluations }) => String(evaluations) },
      { title: 'in', align: 'right', cell: ({ planningSeconds }) => formatSeconds(planningSeconds) },
      {
        title: 'says',
        align: 'left',
        cell: ({ value, reason, gap }) =>
          value === null
            ? shortName(reason ?? '', 52)
            : `its plan ${valueText(problem, value)}${gapText(gap)}`,
      },
    ],
    planners,
  );
}

/** How far above the best of its kind a plan may be, where its planner knows. */
function gapText(gap: number | null): string {
  if (gap === null) return '';
  if (gap === 0) return ', proven best';
  return gap === Number.POSITIVE_INFINITY ? '' : `, at most ${(100 * gap).toFixed(1)} % above the best`;
}
