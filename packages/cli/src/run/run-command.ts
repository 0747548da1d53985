import { rm } from 'node:fs/promises';
import { clusterBeside, InvalidInputError, type Metrics, RefusedError, type Trace } from '@tandem/core';
import { readMissionFile } from '@tandem/node';
import type { JoinedAgent } from '@tandem/runtime';
import { readToken } from '../agent/read-token.ts';
import { besideChoice, besideInputs, besideWishes, checkBesideFlags } from '../beside/beside-choice.ts';
import { clocksOf } from '../beside/clocks-together.ts';
import type { RunFlags } from '../flags.ts';
import { checkTraceFiles, saveTrace } from '../metrics/save-trace.ts';
import type { Output } from '../output.ts';
import { type Prepared, prepare } from '../plan/prepare.ts';
import { predictedTimesText } from '../profile/predictions.ts';
import { checkSavable } from '../save-file.ts';
import { stopSignal } from '../stop-signal.ts';
import { frameCommand } from './frame-command.ts';
import { judgedModel } from './judged-model.ts';
import { adaptablePlan, planChoices } from './plan-choices.ts';
import { planFor, requireToken } from './plan-for.ts';
import { withRunJournal } from './run-journal.ts';
import type { RunResult } from './run-result.ts';
import { runText } from './run-text.ts';
import { simulatedStreams } from './simulated-stream.ts';
import { devicesOf, type ModelRun, runSplit } from './split-run.ts';
import { streamWanted } from './stream-run.ts';

/** `tandem run`: plan, agents, one request or many, and the whole model beside it. Exit status 1 when answers differ or are missing. */
export async function runCommand(model: string, flags: RunFlags, output: Output): Promise<void> {
  if (flags.stream !== undefined) return await frameCommand(model, flags, flags.stream, output);
  checkStreamFlags(flags);
  checkBesideFlags(flags);
  await checkTraceFiles(flags);
  await checkSavable('the journal', flags.journal);
  if (flags.mission !== undefined) await readMissionFile(flags.mission);
  const signal = stopSignal();
  const token = flags.token === undefined ? undefined : await readToken(flags.token);
  const { beside } = flags;
  await withPrepared(model, flags, output, async (prepared) => {
    if (beside === undefined) return await report(await run([prepared], token, flags, output, signal));
    await withPrepared(beside, besideWishes(flags), output, async (other) =>
      report(await run([prepared, other], token, flags, output, signal)),
    );
  });

  async function report({ result, trace }: Ran): Promise<void> {
    if (trace !== null) await saveTrace(trace, flags, output);
    output.answer(result, () => runText(result));
    if (flags.journal !== undefined) await rm(flags.journal, { force: true });
    const all = [result, ...(result.beside ?? [])];
    if (!all.every(({ equality, stream }) => equality.holds && isWhole(stream))) process.exitCode = 1;
  }
}

async function withPrepared(
  model: string,
  wishes: Parameters<typeof prepare>[1],
  output: Output,
  use: (prepared: Prepared) => Promise<void>,
): Promise<void> {
  const prepared = await prepare(model, wishes, output);
  if (prepared.predictedTimes !== null) output.progress(predictedTimesText(prepared.predictedTimes));
  try {
    await use(prepared);
  } finally {
    await prepared.loaded.close();
  }
}

interface Ran {
  readonly result: RunResult;
  readonly trace: Trace | null;
}

/** The first model, and another beside it. */
async function run(
  [prepared, other]: readonly [Prepared, Prepared?],
  token: string | undefined,
  flags: RunFlags,
  { progress }: Output,
  signal: AbortSignal,
): Promise<Ran> {
  const { problem } = prepared;
  const found = adaptablePlan(prepared, await planFor(prepared, flags, signal), flags);
  const others = await planChoices(prepared, found.plan, flags, { signal, progress });
  const choice = { ...found, stream: streamWanted(flags), priority: flags.priority };
  const left = clusterBeside(problem.cluster, found.report.devices);
  // Whether both fit is known before anything runs.
  const second =
    other === undefined ? null : { other, choice: await besideChoice(other, left, flags, signal) };
  const first = await judgedModel(prepared, choice, flags, { signal, progress });
  const besides =
    second === null
      ? []
      : [await judgedModel(second.other, second.choice, besideInputs(flags), { signal, progress })];
  const beside = besides.map(({ model }) => model);
  const models = [first.model, ...beside] as const;
  requireToken(
    [...models, ...others.map((plan) => ({ problem, plan }))].flatMap((one) => devicesOf(one)),
    token,
  );
  const { optimisation, transport, timeout: timeoutSeconds } = flags;
  const journaled = { path: flags.journal, model: first.model, requests: flags.requests, log: progress };
  const split = await withRunJournal(journaled, (journal) =>
    runSplit({
      ...first.model,
      token,
      transport,
      pin: flags.pin === true,
      optimisation,
      timeoutSeconds,
      repair: flags.repair === true,
      standby: flags.standby === true,
      ...(flags.adapt === true ? { others } : {}),
      sensors: flags.sensors,
      ...(flags.mission === undefined ? {} : { mission: flags.mission }),
      ...(journal === null ? {} : { journal }),
      beside,
      signal,
      progress,
    }),
  );
  const { agents, trace } = split;
  requireDistinctProcesses(agents);
  const simulated = flags.both === true ? simulatedOf(models) : [];
  const firstClocks = other === undefined ? split.clocks : clocksOf(first.model, split.clocks);
  const result = first.result({ ...split, clocks: firstClocks, simulated: simulated[0] ?? null });
  if (other === undefined) return { result, trace };
  const results = split.beside.flatMap((answer, place) => {
    const own = { ...answer, agents, adapted: null, simulated: simulated[place + 1] ?? null };
    const judged = besides[place];
    return judged?.result({ ...own, clocks: clocksOf(judged.model, split.clocks) }) ?? [];
  });
  return { result: { ...result, beside: results }, trace };
}

/** As `ModelRun`s that all have a stream; none otherwise. */
function simulatedOf(models: readonly ModelRun[]): readonly Metrics[] {
  const streamed = models.flatMap((model) =>
    model.stream === null ? [] : [{ ...model, stream: model.stream }],
  );
  const [first, ...rest] = streamed;
  return first === undefined ? [] : simulatedStreams([first, ...rest]);
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
  const adaptedTo = (['mission', 'sensors'] as const).find((name) => flags[name] !== undefined);
  if (adaptedTo !== undefined && flags.adapt !== true)
    throw new InvalidInputError(
      `--${adaptedTo} was given without --adapt`,
      'Say that the run may adapt to it: --adapt.',
    );
  if (flags.journal !== undefined && flags.beside !== undefined)
    throw new InvalidInputError(
      '--journal was given together with --beside',
      'Leave one out: a journal is of one model.',
    );
  if (flags.standby === true && flags.repair !== true)
    throw new InvalidInputError('--standby was given without --repair', 'Give both.');
  const named = (
    [
      'rate',
      'window',
      'unordered',
      'repair',
      'standby',
      'adapt',
      'sensors',
      'journal',
      'both',
      'trace',
      'perfetto',
    ] as const
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
