import {
  codecName,
  type Device,
  evaluate,
  type Plan,
  RefusedError,
  type Report,
  variantPlans,
} from '@tandem/core';
import { type Answer, compareOutputs, type JoinedAgent } from '@tandem/runtime';
import { readToken } from '../agent/read-token.ts';
import type { RunFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { choosePlan, savedPlan } from '../plan/choose-plan.ts';
import { type Prepared, prepare } from '../plan/prepare.ts';
import { stopSignal } from '../stop-signal.ts';
import { judgeEquality } from './equality.ts';
import { cardOf, inputValues, predictionsOf } from './picture-inputs.ts';
import { type RunResult, runResult } from './run-result.ts';
import { runText } from './run-text.ts';
import { devicesOf, runSplit } from './split-run.ts';
import { runWhole } from './whole-model.ts';

/** `tandem run`: plan, agents, one request, and the whole model beside it. Exit status 1 when the answers differ. */
export async function runCommand(model: string, flags: RunFlags, output: Output): Promise<void> {
  const signal = stopSignal();
  const token = flags.token === undefined ? undefined : await readToken(flags.token);
  const prepared = await prepare(model, flags, output);
  try {
    const result = await run(prepared, token, flags, output, signal);
    output.answer(result, () => runText(result));
    if (!result.equality.holds) process.exitCode = 1;
  } finally {
    await prepared.loaded.close();
  }
}

async function run(
  { loaded, problem, digest }: Prepared,
  token: string | undefined,
  flags: RunFlags,
  { progress }: Output,
  signal: AbortSignal,
): Promise<RunResult> {
  const { graph } = problem;
  const { optimisation, transport } = flags;
  const card = cardOf(flags);
  const inputs = await inputValues(graph, card, flags.input);
  const { plan, report } = await planFor({ loaded, problem, digest }, flags, signal);
  requireToken(devicesOf({ problem, plan }), token);
  progress('running the whole model on this machine, for comparison');
  const whole = await runWhole(loaded, graph, inputs, { threads: 1, optimisation, signal });
  const timeoutSeconds = flags.timeout;
  const split = {
    loaded,
    problem,
    plan,
    report,
    inputs,
    token,
    transport,
    optimisation,
    timeoutSeconds,
    signal,
    progress,
  };
  const { answer, agents } = await runSplit(split);
  requireDistinctProcesses(agents);
  return runResult({
    problem,
    plan,
    report,
    answer,
    agents,
    equality: judgeEquality(
      compareOutputs(whole.outputs, answer.outputs),
      optimisation,
      graph,
      lossyCodecs(answer),
    ),
    wholeModelSeconds: whole.computeSeconds,
    predictions: predictionsOf(answer.outputs, card),
    labelsMeanNothing: flags.input.length === 0 || loaded.path === null,
  });
}

function lossyCodecs({ transfers }: Answer): string[] {
  return [...new Set(transfers.flatMap(({ codec }) => (codec.kind === 'raw' ? [] : [codecName(codec)])))];
}

/** The plan, and what the way in which requests are run by it costs: where it mixes several, the one that most take. */
async function planFor(
  prepared: Prepared,
  flags: RunFlags,
  signal: AbortSignal,
): Promise<{ readonly plan: Plan; readonly report: Report }> {
  const { plan, report } = await pricedPlan(prepared, flags, signal);
  const [own] = variantPlans(plan);
  return {
    plan,
    report: plan.mix === undefined || own === undefined ? report : evaluate(prepared.problem, own),
  };
}

async function pricedPlan(
  prepared: Prepared,
  flags: RunFlags,
  signal: AbortSignal,
): Promise<{ readonly plan: Plan; readonly report: Report }> {
  if (flags.plan !== undefined) return savedPlan(prepared, flags.plan);
  const { planned, report } = await choosePlan(prepared, flags.planner, signal);
  return { plan: planned.plan, report };
}

/** Agents elsewhere were given their token by somebody; a fresh one would only be refused. */
function requireToken(devices: readonly Device[], token: string | undefined): void {
  const remote = devices.find(({ address }) => address !== undefined);
  if (remote === undefined || token !== undefined) return;
  throw new RefusedError(
    `the agent of ${remote.id} at ${remote.address} wants a token and none was given`,
    'Give the file with the token that it was started with: --token FILE.',
  );
}

/** Devices in one process would prove nothing about a network. */
function requireDistinctProcesses(agents: readonly JoinedAgent[]): void {
  const places = agents.map(({ pid, address }) => `${pid} at ${address.replace(/:\d+$/, '')}`);
  if (new Set(places).size === places.length) return;
  throw new RefusedError(
    `two devices are the same process: ${places.join(', ')}`,
    'Start one agent a device and give each its own address in the cluster file.',
  );
}
