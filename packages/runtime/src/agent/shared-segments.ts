import type { LoadedSegment } from '../execute/executor.ts';

interface Shared {
  readonly loading: Promise<LoadedSegment>;
  users: number;
}

/** Loads what several versions run in the same way once, and closes it with its last user. */
export class SharedSegments {
  readonly #shared: Map<string, Shared> = new Map();

  /** What `load` gave for the key when it was called last, unless all that got it have closed it. */
  async get(key: string, load: () => Promise<LoadedSegment>): Promise<LoadedSegment> {
    const known = this.#shared.get(key);
    const shared = known ?? { loading: load(), users: 0 };
    if (known === undefined) this.#shared.set(key, shared);
    shared.users++;
    try {
      return this.#lend(key, shared, await shared.loading);
    } catch (error) {
      this.#return(key, shared);
      throw error;
    }
  }

  #lend(key: string, shared: Shared, loaded: LoadedSegment): LoadedSegment {
    let isOpen = true;
    return {
      inputs: loaded.inputs,
      outputs: loaded.outputs,
      run: (inputs, signal) => loaded.run(inputs, signal),
      close: async () => {
        const isLast = isOpen && this.#return(key, shared);
        isOpen = false;
        if (isLast) await loaded.close();
      },
    };
  }

  /** Whether nobody uses it any more. */
  #return(key: string, shared: Shared): boolean {
    shared.users--;
    if (shared.users > 0) return false;
    if (this.#shared.get(key) === shared) this.#shared.delete(key);
    return true;
  }
}
