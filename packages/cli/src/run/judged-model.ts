import { hasBatches, type Metrics, type Plan, type Report } from '@tandem/core';
import { type Answer, compareOutputs, type DeviceClock, type JoinedAgent } from '@tandem/runtime';
import type { RunFlags } from '../flags.ts';
import type { Prepared } from '../plan/prepare.ts';
import type { AdaptedRow } from './adapted-stream.ts';
import { countedWay } from './counted-way.ts';
import { type Equality, judgeEquality, lossyWays, worstEquality } from './equality.ts';
import { cardOf, inputValues, predictionsOf } from './picture-inputs.ts';
import { runDecisions } from './run-decisions.ts';
import { type RunResult, runResult } from './run-result.ts';
import type { ModelAnswer, ModelRun } from './split-run.ts';
import type { StreamWanted } from './stream-run.ts';
import { runWhole } from './whole-model.ts';

/** How a model of a run is to be run. */
export interface ModelChoice {
  readonly plan: Plan;
  readonly report: Report;
  /** Null = one request. */
  readonly stream: StreamWanted | null;
  readonly priority: number | undefined;
}

/** A model that is to be run, and how its answers are judged. */
export interface JudgedModel {
  readonly model: ModelRun;
  readonly result: (came: Came) => RunResult;
}

/** What came of it. */
export interface Came extends ModelAnswer {
  readonly agents: readonly JoinedAgent[];
  readonly clocks: readonly DeviceClock[];
  readonly simulated: Metrics | null;
  readonly adapted: AdaptedRow | null;
}

/** Runs the whole model on this machine first, with which the split one's answers are compared. */
export async function judgedModel(
  { loaded, problem }: Prepared,
  { plan, report, stream, priority }: ModelChoice,
  flags: Pick<RunFlags, 'card' | 'labels' | 'input' | 'optimisation' | 'calibration' | 'centres'>,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (line: string) => void },
): Promise<JudgedModel> {
  const { graph } = problem;
  const { optimisation, calibration, centres } = flags;
  const card = cardOf(flags);
  const inputs = await inputValues(graph, card, flags.input);
  progress('running the whole model on this machine, for comparison');
  const whole = await runWhole(loaded, graph, inputs, { threads: 1, optimisation, signal });
  // One request alone is held against the whole model's answer, so nothing is decided about it.
  const decided = { calibration: stream === null ? undefined : calibration, centres };
  const planned = await runDecisions({ problem, plan, report, ...decided });
  // A segment that takes any number of requests may round otherwise than the model at its own size.
  const rounding = hasBatches(plan.stages) ? 'all' : optimisation;
  const judge = (one: Answer): Equality =>
    judgeEquality(compareOutputs(whole.outputs, one.outputs), rounding, graph, lossyWays(one));
  const importance = priority === undefined ? {} : { priority };
  return {
    model: { loaded, problem, plan, report, inputs, planned, stream, ...importance },
    result: (came) => {
      const { answer } = came;
      const equality = worstEquality([judge(answer), ...(came.stream?.counts.firstAnswers ?? []).map(judge)]);
      return runResult({
        ...came,
        ...importance,
        problem,
        plan,
        way: countedWay(problem, plan),
        notes: planned.notes,
        equality,
        wholeModelSeconds: whole.computeSeconds,
        // What an exit says is a label, and no likelihoods.
        predictions: answer.exit === null ? predictionsOf(answer.outputs, card) : null,
        labelsMeanNothing: flags.input.length === 0 || loaded.path === null,
      });
    },
  };
}
