import { createRandom, InvalidInputError } from '@tandem/core';
import { createSha256, systemClock } from '@tandem/node';
import { checkChartFile, writeChart } from '../chart/chart-file.ts';
import type { ReproduceFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { checkSavable, saveFile } from '../save-file.ts';
import { stopSignal } from '../stop-signal.ts';
import type { ReproduceContext } from './claim.ts';
import { claimChart } from './claim-chart.ts';
import { findClaims } from './find-claim.ts';
import { type Reproduction, reproduce } from './reproduction.ts';
import { claimsText, reproductionsText, reproductionText } from './reproduction-text.ts';
import { reproductionsPage } from './reproductions-page.ts';
import { testDataFolder } from './test-data-folder.ts';

/** Every run draws the same numbers. */
const seed = 1;

/** `tandem reproduce [ID]`: lists the claims, or runs one or all. A claim that fails is a finding, not a failure of the command. */
export async function reproduceCommand(
  name: string,
  { page, chart }: ReproduceFlags,
  output: Output,
): Promise<void> {
  await checkChart(name, chart);
  await checkSavable('the page', page);
  if (name === 'list') {
    listClaims(output);
    return;
  }
  const wanted = findClaims(name);
  const context = {
    clock: systemClock,
    random: createRandom(seed),
    createSha256,
    signal: stopSignal(),
    dataFolder: testDataFolder(),
  };
  const done: Reproduction[] = [];
  for (const [id, claim] of wanted) done.push(await reproduceOne(id, claim, context, output));
  if (page !== undefined) await writePage(page, done, output);
  if (chart !== undefined) await drawn(wanted, done, chart, context, output);
  const [only] = done;
  if (only !== undefined && name.toLowerCase() !== 'all') output.answer(only, () => reproductionText(only));
  else output.answer({ reproductions: done }, () => reproductionsText(done));
}

/** A drawing is of one claim. */
async function checkChart(name: string, chart: string | undefined): Promise<void> {
  await checkChartFile(chart);
  if (chart === undefined || !['all', 'list'].includes(name.toLowerCase())) return;
  throw new InvalidInputError(
    `--chart ${chart} was given with '${name}', expected one claim`,
    'Name the claim to draw.',
  );
}

async function drawn(
  [wanted]: ReturnType<typeof findClaims>,
  [reproduction]: readonly Reproduction[],
  path: string,
  context: ReproduceContext,
  output: Output,
): Promise<void> {
  if (wanted === undefined || reproduction === undefined) return;
  const [id, claim] = wanted;
  await writeChart(
    path,
    await claimChart(claim, reproduction, { ...context, random: context.random.split(id) }),
  );
  output.progress(`drawn to ${path}`);
}

function listClaims(output: Output): void {
  const listed = findClaims('all');
  const rows = listed.map(([id, { claim, paper }]) => ({ id, claim, source: paper }));
  output.answer({ claims: rows }, () => claimsText(listed));
}

async function reproduceOne(
  id: string,
  claim: Parameters<typeof reproduce>[1],
  context: ReproduceContext,
  output: Output,
): Promise<Reproduction> {
  context.signal.throwIfAborted();
  output.progress(`reproducing ${id}`);
  return reproduce(id, claim, { ...context, random: context.random.split(id) });
}

async function writePage(path: string, done: readonly Reproduction[], output: Output): Promise<void> {
  await saveFile('the page', path, reproductionsPage(done));
  output.progress(`written to ${path}`);
}
