import { readFileSync } from 'node:fs';

// Reads vitest's summary from a log and prints 'N passed, N failed' after it; fails where there is none.
const [, , path = ''] = process.argv;
const escape = String.fromCharCode(27);
const log = readFileSync(path, 'utf8').replaceAll(new RegExp(`${escape}\\[[0-9;]*m`, 'g'), '');
const summary = log.match(/^ *(Test Files|Tests|Duration) +\S.*$/gm) ?? [];
const tests = summary.findLast((line) => line.trim().startsWith('Tests'));
const count = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(tests ?? '')?.[1] ?? 0);

for (const line of summary) console.log(line);
if (tests === undefined) console.log('The test runner did not report: the check stopped before it.');
console.log(`${count('passed')} passed, ${count('failed')} failed`);
process.exitCode = tests !== undefined && count('failed') === 0 ? 0 : 1;
