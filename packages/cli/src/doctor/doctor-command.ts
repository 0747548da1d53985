import type { Output } from '../output.ts';
import { textTable } from '../text-table.ts';
import { type Check, examine, type Finding } from './check.ts';
import { executionChecks } from './execution-checks.ts';
import { machineChecks } from './machine-checks.ts';
import { testbedChecks } from './testbed-checks.ts';

/** The answer of `doctor --json`. */
export interface DoctorJson {
  /** False when some check failed: models do not run here. */
  readonly healthy: boolean;
  readonly checks: readonly Finding[];
}

const deadlineMilliseconds = 5000;
const everyCheck: readonly Check[] = [...machineChecks, ...executionChecks, ...testbedChecks];

/** Answers `doctor`: what this machine can do; exit status 1 when it cannot run models. */
export async function doctorCommand(output: Output): Promise<void> {
  const answer = await doctorJson();
  output.answer(answer, () => doctorText(answer));
  if (!answer.healthy) process.exitCode = 1;
}

/** Makes the checks one after the other, so that none disturbs another; each has 5 s. */
export async function doctorJson(checks: readonly Check[] = everyCheck): Promise<DoctorJson> {
  const findings: Finding[] = [];
  for (const check of checks) findings.push(await examine(check, deadlineMilliseconds));
  return { healthy: findings.every(({ status }) => status !== 'fail'), checks: findings };
}

/** The findings for a person, each with what to do about it below the table. */
export function doctorText({ healthy, checks }: DoctorJson): string {
  const table = textTable<Finding>(
    [
      { title: 'check', align: 'left', cell: ({ name }) => name },
      { title: '', align: 'left', cell: ({ status }) => status },
      { title: 'found', align: 'left', cell: ({ found }) => found },
    ],
    checks,
  );
  const remedies = checks.flatMap(({ name, remedy }) => (remedy === null ? [] : [`${name}: ${remedy}`]));
  const verdict = healthy ? 'This machine can run models.' : 'This machine cannot run models yet.';
  return [table, ...(remedies.length === 0 ? [] : [remedies.join('\n')]), verdict].join('\n\n');
}
