import { type Comparison, comparePlanners, InvalidInputError } from '@tandem/core';
import { checkChartFile, writeChart } from '../chart/chart-file.ts';
import type { CompareFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { chooseContext, plannersNamed } from '../plan/choose-plan.ts';
import { type Prepared, prepare } from '../plan/prepare.ts';
import { predictedTimesText } from '../profile/predictions.ts';
import { checkSavable, saveFile } from '../save-file.ts';
import { stopSignal } from '../stop-signal.ts';
import { compareCsv } from './compare-csv.ts';
import { compareJson } from './compare-json.ts';
import { compareText } from './compare-text.ts';
import { plannerProgress } from './planner-progress.ts';

/** `tandem compare`: asks every planner and shows what each came to; exit status 1 when none has a feasible plan. */
export async function compareCommand(model: string, flags: CompareFlags, output: Output): Promise<void> {
  checkStreams(flags);
  await checkChartFile(flags.chart);
  if (flags.csv !== '-') await checkSavable('the table', flags.csv);
  const signal = stopSignal();
  const prepared = await prepare(model, flags, output);
  if (prepared.predictedTimes !== null) output.progress(predictedTimesText(prepared.predictedTimes));
  try {
    const comparison = await compareAll(prepared, flags, signal, output);
    const json = compareJson(prepared.problem, comparison);
    const csv = compareCsv(json);
    if (flags.csv !== undefined && flags.csv !== '-') {
      await saveFile('the table', flags.csv, `${csv}\r\n`);
      output.progress(`saved to ${flags.csv}`);
    }
    output.answer(json, () => (flags.csv === '-' ? csv : compareText(prepared.problem, comparison)));
    if (comparison.best === null) process.exitCode = 1;
    if (flags.chart === undefined) return;
    const { frontChart } = await import('../chart/front-chart.ts');
    await writeChart(flags.chart, frontChart(prepared.problem.graph.name, json));
    output.progress(`drawn to ${flags.chart}`);
  } finally {
    await prepared.loaded.close();
  }
}

async function compareAll(
  prepared: Prepared,
  { planner }: CompareFlags,
  signal: AbortSignal,
  output: Output,
): Promise<Comparison> {
  const names = plannersNamed(planner);
  const { asking, stop } = plannerProgress(names.length, output.progress);
  try {
    return await comparePlanners(prepared.problem, names, chooseContext(prepared, signal), asking);
  } finally {
    stop();
  }
}

function checkStreams({ csv, json }: CompareFlags): void {
  if (csv === '-' && json === true)
    throw new InvalidInputError(
      '--csv - and --json both ask for standard output, expected one of them',
      'Give --csv a file.',
    );
}
