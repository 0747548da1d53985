import { type Clock, type Seconds, seconds } from '@tandem/core';

/** The machine's monotonic clock, the same in every process of it. A sleep ends at most a turn of the event loop late, and never early. */
export const systemClock: Clock = { now, sleep };

const longestTimerMilliseconds = 2 ** 31 - 1;

function now(): Seconds {
  return seconds(Number(process.hrtime.bigint()) / 1e9);
}

/** Timers count whole milliseconds: the rest of the last one is spent in turns of the event loop, so that pacing stays exact. */
function sleep(duration: Seconds, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const endsAt = performance.now() + 1000 * duration;
    let timer: NodeJS.Timeout | undefined;
    const giveUp = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const wait = (): void => {
      if (signal.aborted) return;
      const left = endsAt - performance.now();
      if (left >= 1) timer = setTimeout(wait, Math.min(left, longestTimerMilliseconds));
      else if (left > 0) setImmediate(wait);
      else finish();
    };
    const finish = (): void => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    };
    signal.addEventListener('abort', giveUp, { once: true });
    // Even a sleep of no time is a turn of the event loop: whoever asks for one wants others to have it, such as Ctrl-C.
    if (duration > 0) wait();
    else setImmediate(wait);
  });
}
