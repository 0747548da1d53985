import { setTimeout } from 'node:timers/promises';
import { errorRecord, quantile } from '@tandem/core';
import { ortSession } from '../execute/ort-session.ts';
import { generatedInputs } from '../input/read-inputs.ts';
import { idleMemory } from './idle-memory.ts';
import type {
  Failure,
  Measured,
  MeasuredCodec,
  MeasuredIdle,
  MeasureRequest,
  SessionRequest,
} from './measure-messages.ts';
import { timeCodecs } from './time-codecs.ts';

/** A process that measures one session, the codecs or itself, answers its parent and ends: memory that a runtime keeps is given back with it. */
process.once('message', (request: MeasureRequest) => {
  measure(request)
    .catch((error: unknown): Failure => ({ error: errorRecord(error) }))
    .then(answer)
    .catch(() => process.exit(1));
});
process.once('disconnect', () => process.exit());

type Answer = Measured | readonly MeasuredCodec[] | MeasuredIdle | Failure;

function answer(value: Answer): void {
  process.send?.(value, () => process.disconnect());
}

const fewestRuns = 5;
const mostRuns = 15;
const enoughSeconds = 0.1;
/** A hundred or so of a quota's periods, with the other work between the runs. */
const pausedRuns = 100;
/** More than the caches of the processors that this is meant for. */
const otherWorkBytes = 48 * 2 ** 20;
/** A processor that has rested this long runs the next fraction of a millisecond slower; longer rests change little. */
const restMilliseconds = 10;

async function measure(request: MeasureRequest): Promise<Answer> {
  if ('idle' in request) return { idleBytes: await idleMemory(new AbortController().signal) };
  return 'codecElements' in request ? timeCodecs(request.codecElements) : measureSession(request);
}

async function measureSession(request: SessionRequest): Promise<Measured> {
  const { path, inputs, threads, profilePrefix, paused = false } = request;
  const values = generatedInputs({ inputs, card: null, seed: 1 });
  const otherWork = new Uint8Array(otherWorkBytes).fill(1);
  const before = process.memoryUsage.rss();
  const startedAt = performance.now();
  const recording = profilePrefix === null ? {} : { profilePrefix };
  const session = await ortSession({ path }, { name: 'the segment', threads, ...recording });
  const loadSeconds = (performance.now() - startedAt) / 1000;
  const { computeSeconds: coldSeconds } = await session.run(values);
  const times: number[] = [];
  const [fewest, most] = paused ? [mostRuns, pausedRuns] : [fewestRuns, mostRuns];
  const enough = paused ? 10 * enoughSeconds : enoughSeconds;
  let sum = 0;
  while (times.length < fewest || (sum < enough && times.length < most)) {
    // A request finds the caches as other work left them, and a processor that waited for it: small segments take up to four times as
    // long as in a tight loop.
    otherWork.fill(times.length);
    await setTimeout(restMilliseconds);
    const { computeSeconds } = await session.run(values);
    times.push(computeSeconds);
    sum += computeSeconds;
  }
  const memoryBytes = Math.max(0, process.resourceUsage().maxRSS * 1024 - before);
  await session.release();
  const warmSeconds = paused ? sum / times.length : quantile(times, 0.5);
  return { loadSeconds, coldSeconds, warmSeconds, memoryBytes };
}
