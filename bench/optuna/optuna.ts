import type { Point } from '@tandem/core';
import { openPython } from '../python-lines.ts';
import type { Searched } from './own-search.ts';

/** The Python process in which Optuna searches. */
export interface Optuna {
  readonly version: string;
  search(seed: number, trials: number, warm: readonly Point[]): Promise<Searched>;
  close(): void;
}

/** The system's own may have what another before it in the path has not. */
const pythons = ['python3', '/usr/bin/python3'];

/** Null where there is no python3 with Optuna. It ends as soon as `signal` says so. */
export async function openOptuna(signal: AbortSignal): Promise<Optuna | null> {
  for (const python of pythons) {
    const optuna = await openWith(python, signal);
    if (optuna !== null) return optuna;
  }
  return null;
}

async function openWith(interpreter: string, signal: AbortSignal): Promise<Optuna | null> {
  const program = new URL('./optuna_trials.py', import.meta.url);
  const python = await openPython(program, { interpreter, signal });
  if (python === null) return null;
  return {
    version: python.version,
    search: async (seed, trials, warm) => {
      const answer = await python.ask(JSON.stringify({ seed, trials, warm }));
      signal.throwIfAborted();
      if (answer === null) throw new Error('the Python process in which Optuna searches has ended');
      return searchedOf(JSON.parse(answer));
    },
    close: () => python.close(),
  };
}

function searchedOf(answer: unknown): Searched {
  if (
    typeof answer === 'object' &&
    answer !== null &&
    'seconds' in answer &&
    'value' in answer &&
    typeof answer.seconds === 'number' &&
    typeof answer.value === 'number'
  )
    return { seconds: answer.seconds, value: answer.value };
  throw new Error('the Python process in which Optuna searches gave an answer without seconds and a value');
}
