import { writePlan } from '@tandem/core';
import { checkChartFile, writeChart } from '../chart/chart-file.ts';
import type { PlanFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { checkSavable, saveFile } from '../save-file.ts';
import { stopSignal } from '../stop-signal.ts';
import { chooseContext, choosePlan } from './choose-plan.ts';
import { explain } from './explanation.ts';
import { planText } from './plan-text.ts';
import { prepare } from './prepare.ts';
import { verdictOf } from './verdict.ts';

/** `tandem plan`: chooses, explains, and saves where asked. */
export async function planCommand(model: string, flags: PlanFlags, output: Output): Promise<void> {
  await checkChartFile(flags.chart);
  await checkSavable('the plan', flags.output);
  const signal = stopSignal();
  const prepared = await prepare(model, flags, output);
  const { problem, predictedTimes } = prepared;
  const slow = setTimeout(() => output.progress(`planning ${problem.graph.name}`), 2000);
  try {
    const choice = await choosePlan(prepared, flags.planner, signal);
    const { planned, report, runnerUp } = choice;
    if (flags.output !== undefined) await saveFile('the plan', flags.output, writePlan(planned.plan));
    const explanation = explain(problem, choice, predictedTimes);
    const verdict = await verdictOf(problem, choice, chooseContext(prepared, signal));
    const { plan } = planned;
    output.answer({ plan, report, why: plan.why, runnerUp, explanation, verdict }, () =>
      planText(problem, plan.planner, explanation, verdict),
    );
    if (flags.output !== undefined) output.progress(`saved to ${flags.output}`);
    if (flags.chart !== undefined) {
      const { ganttChart } = await import('../chart/gantt-chart.ts');
      await writeChart(flags.chart, ganttChart(problem, explanation));
      output.progress(`drawn to ${flags.chart}`);
    }
  } finally {
    clearTimeout(slow);
    await prepared.loaded.close();
  }
}
