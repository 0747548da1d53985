import { processesInGroup, removeMemoryGroup } from './memory-group.ts';
import { namespaceFolder, processesIn, removeNamespace } from './network.ts';
import { isOrphan, namesIn } from './owner.ts';
import { memoryController } from './support.ts';

/**
 * Ends every process of the testbeds whose objects' names are `chosen`, then removes their namespaces and groups. Synchronous, so
 * that it also works while the process exits. Returns the names that could not be removed.
 */
export function removeTestbeds(chosen: (name: string) => boolean): string[] {
  const namespaces = namesIn(namespaceFolder, chosen);
  const groups = namesIn(memoryController, chosen);
  endProcesses(() => [...namespaces.flatMap(processesIn), ...groups.flatMap(processesInGroup)]);
  return [
    ...namespaces.filter((name) => !persistently(() => removeNamespace(name))),
    ...groups.filter((name) => !persistently(() => removeMemoryGroup(name))),
  ];
}

/** Removes what owners that no longer run have left behind. */
export const removeOrphans = (): string[] => removeTestbeds(isOrphan);

/** Kills until the list is empty: a process may have started another meanwhile. */
function endProcesses(list: () => readonly number[]): void {
  persistently(() => {
    const left = list();
    left.forEach(kill);
    return left.length === 0;
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself since it was listed.
  }
}

function persistently(attempt: () => boolean): boolean {
  for (let round = 0; round < 100; round++) {
    if (attempt()) return true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
  return false;
}
