import type { TraceEvent } from '../trace/trace.ts';

/** How long devices and links have worked so far, by the events of a trace. */
export class BusyTimes {
  readonly #rows: Map<string, { since: number | null; seconds: number }> = new Map();

  see(event: TraceEvent): void {
    const now = event.atSeconds;
    if (event.kind === 'stage-start') this.#begin(event.device, now);
    if (event.kind === 'stage-end' || event.kind === 'device-lost') this.#end(event.device, now);
    if (event.kind === 'transfer-start') this.#begin(wayKey(event), now);
    if (event.kind === 'transfer-end') this.#end(wayKey(event), now);
  }

  /** Until now, of a device or `wayKey`. */
  secondsOf(key: string, now: number): number {
    const { since = null, seconds = 0 } = this.#rows.get(key) ?? {};
    return seconds + (since === null ? 0 : now - since);
  }

  keys(): Iterable<string> {
    return this.#rows.keys();
  }

  #begin(key: string, now: number): void {
    const row = this.#rows.get(key) ?? { since: null, seconds: 0 };
    row.since ??= now;
    this.#rows.set(key, row);
  }

  #end(key: string, now: number): void {
    const row = this.#rows.get(key);
    if (row === undefined || row.since === null) return;
    row.seconds += now - row.since;
    row.since = null;
  }
}

/** How long devices and links have worked since somebody asked last. */
export class BusySince {
  readonly #busy: BusyTimes;
  readonly #before: Map<string, number> = new Map();

  constructor(busy: BusyTimes) {
    this.#busy = busy;
  }

  /** Of a device or `wayKey`; the next time counts from now. */
  take(key: string, now: number): number {
    const total = this.#busy.secondsOf(key, now);
    const before = this.#before.get(key) ?? 0;
    this.#before.set(key, total);
    return total - before;
  }
}

/** A directed way between two parties. */
export const wayKey = ({ from, to }: { readonly from: string | null; readonly to: string | null }): string =>
  JSON.stringify([from, to]);
