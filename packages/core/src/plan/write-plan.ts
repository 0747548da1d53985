import type { Plan } from './plan.ts';

/** Grows when an older program would misread a newer file. */
export const planFormatVersion: number = 1;

/** A plan as the text of a JSON file, with the name and version of the format first. */
export function writePlan(plan: Plan): string {
  return `${JSON.stringify({ format: 'tandem-plan', formatVersion: planFormatVersion, ...plan }, null, 2)}\n`;
}
