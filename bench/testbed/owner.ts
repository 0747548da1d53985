import { existsSync, readdirSync, readFileSync } from 'node:fs';

const prefix = 'tandem-testbed';
const pattern = /^tandem-testbed-(\d+)-(\d+)-\d+-/;
let opened = 0;

/**
 * The names of one testbed's kernel objects. They carry the owner's process id and start time, so that testbeds live side by
 * side and what a killed owner left behind can be told from what is in use, even when its process id was given out again.
 */
export function nextTestbedPrefix(): string {
  return `${prefix}-${process.pid}-${startTicks(process.pid) ?? 0}-${opened++}-`;
}

/** True for the name of a testbed's object whose owner no longer runs; false for anything else. */
export function isOrphan(name: string): boolean {
  const owner = pattern.exec(name);
  return owner !== null && startTicks(Number(owner[1])) !== Number(owner[2]);
}

/** Names in `folder` (network namespaces, groups) that are `chosen`. */
export function namesIn(folder: string, chosen: (name: string) => boolean): string[] {
  return existsSync(folder) ? readdirSync(folder).filter(chosen) : [];
}

/** When a process began, in clock ticks since boot (proc(5), stat field 22); null = there is none, or it is a zombie. */
function startTicks(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, field 2, may hold spaces and brackets; nothing after it does.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : Number(fields[19]);
  } catch {
    return null;
  }
}
