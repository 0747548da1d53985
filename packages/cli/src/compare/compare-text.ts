import {
  type Comparison,
  type FrontFigure,
  gapOver,
  type Problem,
  placementText,
  valueText,
} from '@tandem/core';
import { formatBytes, formatJoules, formatSeconds } from '../quantities.ts';
import { shortName } from '../short-name.ts';
import { type Column, textTable } from '../text-table.ts';
import { compareJson, type PlannerRow } from './compare-json.ts';

/** A row of the JSON with what only a person is shown. */
interface ShownRow extends PlannerRow {
  /** value / the best plan's − 1 by the objective; null without a plan. */
  readonly over: number | null;
}

const figureNames: Readonly<Record<FrontFigure, string>> = {
  latencySeconds: 'latency',
  periodSeconds: 'period',
  energyJoules: 'energy',
  peakMemoryBytes: 'memory',
};

/** Every planner's plan in one table, what the marks mean, the chosen one, and why the others have none. */
export function compareText(problem: Problem, comparison: Comparison): string {
  const { planners, energyUnknown } = compareJson(problem, comparison);
  const least = comparison.best?.value ?? null;
  const rows = planners.map((row, at): ShownRow => {
    const value = comparison.rows[at]?.value ?? null;
    return { ...row, over: value === null || least === null ? null : gapOver(value, least) };
  });
  const reasons = rows.flatMap(({ name, reason }) => (reason === undefined ? [] : [`${name}: ${reason}`]));
  return [
    `Planners for ${shortName(problem.graph.name, 60)}, by ${problem.objective.kind}`,
    textTable(columnsOf(rows), rows),
    [
      ...legend(problem, rows, comparison.frontFigures),
      ...(energyUnknown === null ? [] : [energyUnknown]),
    ].join('\n'),
    ...(reasons.length === 0 ? [] : [`No plan:\n${reasons.join('\n')}`]),
    chosenText(problem, comparison),
  ].join('\n\n');
}

function columnsOf(rows: readonly ShownRow[]): readonly Column<ShownRow>[] {
  const shown = (key: 'energyJoules' | 'gap' | 'chainGap'): boolean =>
    rows.some((row) => typeof row[key] === 'number');
  return [
    { title: '', align: 'left', cell: ({ onFront }) => (onFront ? '●' : '') },
    { title: 'planner', align: 'left', cell: ({ name }) => shortName(name, 22) },
    figure(rows, 'latency', 'latencySeconds', formatSeconds),
    figure(rows, 'period', 'periodSeconds', formatSeconds),
    ...(shown('energyJoules') ? [figure(rows, 'energy', 'energyJoules', formatJoules)] : []),
    figure(rows, 'memory', 'peakMemoryBytes', formatBytes),
    figure(rows, 'sent', 'bytesSent', formatBytes),
    ...(rows.some(({ accuracyLoss }) => accuracyLoss !== null && accuracyLoss > 0)
      ? [
          {
            title: 'loss',
            align: 'right',
            cell: ({ accuracyLoss }: ShownRow) => lossText(accuracyLoss),
          } as const,
        ]
      : []),
    figure(rows, 'planning', 'planningSeconds', formatSeconds),
    { title: 'priced', align: 'right', cell: ({ evaluations }) => String(evaluations) },
    { title: 'over best', align: 'right', cell: ({ over }) => shareText(over) },
    ...(shown('gap')
      ? [{ title: 'gap', align: 'right', cell: ({ gap }: ShownRow) => shareText(gap ?? null) } as const]
      : []),
    ...(shown('chainGap')
      ? [
          {
            title: 'in chain',
            align: 'right',
            cell: ({ chainGap }: ShownRow) => shareText(chainGap ?? null),
          } as const,
        ]
      : []),
  ];
}

type FigureKey = FrontFigure | 'bytesSent' | 'planningSeconds';

/** Right-aligned, the least of the feasible plans marked. */
function figure(
  rows: readonly ShownRow[],
  title: string,
  key: FigureKey,
  text: (value: number) => string,
): Column<ShownRow> {
  const least = Math.min(
    ...rows.flatMap((row) => (row.feasible ? [row[key] ?? Number.POSITIVE_INFINITY] : [])),
  );
  return {
    title: `${title} `,
    align: 'right',
    cell: (row) => {
      const value = row.feasible ? row[key] : null;
      if (value === null) return '– ';
      return `${text(value)}${value === least ? '*' : ' '}`;
    },
  };
}

function shareText(share: number | null): string {
  if (share === null) return '–';
  return share === Number.POSITIVE_INFINITY ? '∞' : `${(100 * share).toFixed(1)} %`;
}

/** Two digits: a loss is a fraction of a per cent. */
function lossText(loss: number | null): string {
  return loss === null ? '–' : `${(100 * loss).toFixed(2)} %`;
}

function legend(
  { accuracy }: Problem,
  rows: readonly ShownRow[],
  frontFigures: readonly FrontFigure[],
): string[] {
  if (!rows.some(({ feasible }) => feasible)) return [];
  const names = frontFigures.map((name) => figureNames[name]).join(', ');
  return [
    '* least of its column; priced: plans that the planner had the cost model price.',
    `● no other plan is as good in ${names} and better in one.`,
    ...(rows.some(({ gap }) => gap !== undefined)
      ? ['gap: above what the planner proved that no plan of its kind is below.']
      : []),
    ...(rows.some(({ chainGap }) => chainGap !== undefined)
      ? ['in chain: the same for plans only that run each element on one device.']
      : []),
    ...(rows.some(({ accuracyLoss }) => accuracyLoss !== null && accuracyLoss > 0)
      ? [`loss: the share of answers that codecs or early exits may change; ${sourcesText(accuracy, rows)}.`]
      : []),
  ];
}

/** 'calibrated on photos, agreement (coach); assumed (spinn)' */
function sourcesText(accuracy: Problem['accuracy'], rows: readonly ShownRow[]): string {
  const known = { calibrated: `calibrated on ${accuracy?.data ?? 'data'}`, assumed: 'assumed' } as const;
  return (['calibrated', 'assumed'] as const)
    .flatMap((source) => {
      const names = rows.flatMap((row) => (row.accuracySource === source ? [row.name] : []));
      return names.length === 0 ? [] : [`${known[source]} (${names.join(', ')})`];
    })
    .join('; ');
}

function chosenText(problem: Problem, { best }: Comparison): string {
  if (best?.result.kind !== 'plan' || best.value === null) return 'No planner has a feasible plan.';
  const { plan } = best.result;
  return `Chosen: ${best.name}, which ${valueText(problem, best.value)}: ${placementText(problem, plan)}.`;
}
