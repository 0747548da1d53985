import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

/** What a number was measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  readonly onnxRuntime: string;
  /** Runnable processes over the last minute, when the bench began: what else was going on. */
  readonly loadAtStart: number;
  /** The commit that was measured, '+' when the tree had changes. */
  readonly commit: string;
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    system: `${distribution()} ${type()} ${release()}`.trim(),
    node: process.version,
    onnxRuntime: onnxRuntimeVersion(),
    loadAtStart: loadavg()[0] ?? 0,
    commit: commit(),
  };
}

/** The description on one line. */
export function machineText(machine: Machine): string {
  const memory = `${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  return [
    `${machine.processor}, ${machine.cores} cores, ${memory}`,
    machine.system,
    `Node ${machine.node}, ONNX Runtime ${machine.onnxRuntime}`,
    `load ${machine.loadAtStart.toFixed(2)} at the start, commit ${machine.commit}`,
  ].join('; ');
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}

/** The version that @tandem/node resolves, which need not be the one that the workspace root would. */
function onnxRuntimeVersion(): string {
  const require = createRequire(new URL('../packages/node/package.json', import.meta.url));
  try {
    const manifest: unknown = require('onnxruntime-node/package.json');
    if (typeof manifest === 'object' && manifest !== null && 'version' in manifest)
      return String(manifest.version);
  } catch {
    // Not installed: said below.
  }
  return 'not installed';
}

function commit(): string {
  const hash = git('rev-parse', '--short', 'HEAD');
  return hash === ''
    ? 'unknown'
    : hash + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+');
}

function git(...command: string[]): string {
  const done = spawnSync('git', command, { cwd: new URL('.', import.meta.url).pathname, encoding: 'utf8' });
  return done.status === 0 ? done.stdout.trim() : '';
}
