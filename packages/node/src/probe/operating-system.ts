import { execFile } from 'node:child_process';
import { availableParallelism, cpus, freemem, release, totalmem, type } from 'node:os';

/** What every operating system says of itself; tests say something else. */
export interface OperatingSystem {
  readonly platform: NodeJS.Platform;
  readonly system: string;
  /** '' where it is not known. */
  readonly processor: string;
  /** Logical processors that the affinity of this process allows. */
  readonly parallelism: number;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  /** What a tool prints on standard output; null when it is missing, fails or takes longer than 2 s. */
  readonly ask: (tool: string, args: readonly string[]) => Promise<string | null>;
}

export function thisSystem(): OperatingSystem {
  return {
    platform: process.platform,
    system: `${type()} ${release()}, Node ${process.version}`,
    processor: cpus()[0]?.model.trim() ?? '',
    parallelism: availableParallelism(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    ask,
  };
}

function ask(tool: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { timeout: 2000, maxBuffer: 65_536, killSignal: 'SIGKILL' } as const;
    execFile(tool, args, options, (error, printed) => resolve(error === null ? printed : null));
  });
}
