import type { CompareJson, PlannerRow } from './compare-json.ts';

const columns = [
  'name',
  'feasible',
  'reason',
  'latencySeconds',
  'periodSeconds',
  'energyJoules',
  'peakMemoryBytes',
  'bytesSent',
  'accuracyLoss',
  'planningSeconds',
  'evaluations',
  'gap',
  'chainGap',
  'onFront',
] as const satisfies readonly (keyof PlannerRow)[];

/** A title line and a line a planner, named as in the JSON; what is unknown is empty. RFC 4180 without the last line's end. */
export function compareCsv({ planners }: CompareJson): string {
  const lines = planners.map((row) => columns.map((column) => cellOf(row[column])).join(','));
  return [columns.join(','), ...lines].join('\r\n');
}

function cellOf(value: PlannerRow[keyof PlannerRow] | undefined): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
