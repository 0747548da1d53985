import { writeFile } from 'node:fs/promises';
import { InvalidInputError, writePlan } from '@tandem/core';
import type { PlanFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { computeErrorSeconds } from '../profile/compute-error.ts';
import { stopSignal } from '../stop-signal.ts';
import { choosePlan } from './choose-plan.ts';
import { planText } from './plan-text.ts';
import { prepare } from './prepare.ts';

/** `tandem plan`: chooses, explains, and saves where asked. */
export async function planCommand(model: string, flags: PlanFlags, output: Output): Promise<void> {
  const signal = stopSignal();
  const prepared = await prepare(model, flags, output);
  try {
    const choice = await choosePlan(prepared, flags.planner, signal);
    const { planned, report, runnerUp } = choice;
    if (flags.output !== undefined) await save(flags.output, writePlan(planned.plan));
    output.answer({ plan: planned.plan, report, why: planned.plan.why, runnerUp }, () =>
      planText(
        prepared.problem.graph,
        planned.plan,
        report,
        computeErrorSeconds(prepared.problem, planned.plan),
      ),
    );
    if (flags.output !== undefined) output.progress(`saved to ${flags.output}`);
  } finally {
    await prepared.loaded.close();
  }
}

async function save(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((cause: unknown) => {
    throw new InvalidInputError(
      `the plan cannot be written to ${path}`,
      'Give a file in a folder you may write to.',
      {
        cause,
      },
    );
  });
}
