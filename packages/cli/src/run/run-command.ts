import { hasBatches, InvalidInputError, RefusedError, scheduleDefaults, type Trace } from '@tandem/core';
import { type Answer, compareOutputs, type JoinedAgent } from '@tandem/runtime';
import { readToken } from '../agent/read-token.ts';
import type { RunFlags } from '../flags.ts';
import { checkTraceFiles, saveTrace } from '../metrics/save-trace.ts';
import type { Output } from '../output.ts';
import { type Prepared, prepare } from '../plan/prepare.ts';
import { predictedTimesText } from '../profile/predictions.ts';
import { stopSignal } from '../stop-signal.ts';
import { countedWay } from './counted-way.ts';
import { type Equality, judgeEquality, lossyWays, worstEquality } from './equality.ts';
import { frameCommand } from './frame-command.ts';
import { cardOf, inputValues, predictionsOf } from './picture-inputs.ts';
import { planChoices } from './plan-choices.ts';
import { planFor, requireToken } from './plan-for.ts';
import { runDecisions } from './run-decisions.ts';
import { type RunResult, runResult } from './run-result.ts';
import { runText } from './run-text.ts';
import { simulatedStream } from './simulated-stream.ts';
import { devicesOf, runSplit } from './split-run.ts';
import type { StreamWanted } from './stream-run.ts';
import { runWhole } from './whole-model.ts';

/** `tandem run`: plan, agents, one request or many, and the whole model beside it. Exit status 1 when answers differ or are missing. */
export async function runCommand(model: string, flags: RunFlags, output: Output): Promise<void> {
  if (flags.stream !== undefined) return await frameCommand(model, flags, flags.stream, output);
  checkStreamFlags(flags);
  await checkTraceFiles(flags);
  const signal = stopSignal();
  const token = flags.token === undefined ? undefined : await readToken(flags.token);
  const prepared = await prepare(model, flags, output);
  if (prepared.predictedTimes !== null) output.progress(predictedTimesText(prepared.predictedTimes));
  try {
    const { result, trace } = await run(prepared, token, flags, output, signal);
    if (trace !== null) await saveTrace(trace, flags, output);
    output.answer(result, () => runText(result));
    if (!result.equality.holds || !isWhole(result.stream)) process.exitCode = 1;
  } finally {
    await prepared.loaded.close();
  }
}

async function run(
  prepared: Prepared,
  token: string | undefined,
  flags: RunFlags,
  { progress }: Output,
  signal: AbortSignal,
): Promise<{ readonly result: RunResult; readonly trace: Trace | null }> {
  const { loaded, problem } = prepared;
  const { graph } = problem;
  const { optimisation, transport } = flags;
  const card = cardOf(flags);
  const inputs = await inputValues(graph, card, flags.input);
  const { plan, report } = await planFor(prepared, flags, signal);
  const others = await planChoices(prepared, plan, flags, { signal, progress });
  requireToken(
    [plan, ...others].flatMap((one) => devicesOf({ problem, plan: one })),
    token,
  );
  progress('running the whole model on this machine, for comparison');
  const whole = await runWhole(loaded, graph, inputs, { threads: 1, optimisation, signal });
  const timeoutSeconds = flags.timeout;
  const wanted = streamWanted(flags);
  // One request alone is held against the whole model's answer, so nothing is decided about it.
  const { calibration, centres } = flags;
  const planned = await runDecisions({
    problem,
    plan,
    report,
    calibration: wanted === null ? undefined : calibration,
    centres,
  });
  const split = {
    loaded,
    problem,
    plan,
    report,
    planned,
    inputs,
    token,
    transport,
    pin: flags.pin === true,
    optimisation,
    timeoutSeconds,
    stream: wanted,
    repair: flags.repair === true,
    ...(flags.adapt === true ? { others } : {}),
    sensors: flags.sensors,
    signal,
    progress,
  };
  const { answer, agents, stream, adapted, decisions, clocks } = await runSplit(split);
  requireDistinctProcesses(agents);
  // A segment that takes any number of requests may round otherwise than the model at its own size.
  const rounding = hasBatches(plan.stages) ? 'all' : optimisation;
  const judge = (one: Answer): Equality =>
    judgeEquality(compareOutputs(whole.outputs, one.outputs), rounding, graph, lossyWays(one));
  const result = runResult({
    problem,
    stream,
    adapted,
    simulated: flags.both === true && wanted !== null ? simulatedStream(problem, plan, wanted) : null,
    plan,
    way: countedWay(problem, plan),
    decisions,
    clocks,
    notes: planned.notes,
    answer,
    agents,
    equality: worstEquality([judge(answer), ...(stream?.firstAnswers ?? []).map(judge)]),
    wholeModelSeconds: whole.computeSeconds,
    // What an exit says is a label, and no likelihoods.
    predictions: answer.exit === null ? predictionsOf(answer.outputs, card) : null,
    labelsMeanNothing: flags.input.length === 0 || loaded.path === null,
  });
  return { result, trace: stream?.trace ?? null };
}

function streamWanted({ requests, rate, window, unordered }: RunFlags): StreamWanted | null {
  if (requests === 1) return null;
  return {
    requests,
    atSeconds: rate === undefined ? null : Array.from({ length: requests }, (_, index) => index / rate),
    window: window ?? scheduleDefaults.window,
    waiting: Math.max(scheduleDefaults.waiting, requests),
    ordered: unordered !== true,
  };
}

const isWhole = (stream: RunResult['stream']): boolean =>
  stream === undefined || (stream.failed === 0 && stream.differing === 0);

/** Only many requests at once have a trace. */
function checkStreamFlags({ requests, ...flags }: RunFlags): void {
  const ofFrames = (['order', 'range', 'full'] as const).find((name) => flags[name] !== undefined);
  if (ofFrames !== undefined)
    throw new InvalidInputError(
      `--${ofFrames} was given without a stream of frames`,
      'Say where the frames are: --stream DATA.',
    );
  if (requests === 1 && flags.centres !== undefined)
    throw new InvalidInputError(
      '--centres was given for one request, about which nothing is decided',
      'Say how many requests there are, --requests N, or where frames are, --stream DATA.',
    );
  const named = (
    ['rate', 'window', 'unordered', 'repair', 'adapt', 'sensors', 'both', 'trace', 'perfetto'] as const
  ).filter((name) => flags[name] !== undefined);
  if (requests > 1 || named.length === 0) return;
  throw new InvalidInputError(
    `--${named.join(', --')} was given for one request`,
    'Say how many requests there are: --requests N.',
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
