import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, release, totalmem, type } from 'node:os';
import { bytes, type MeasuredMachine } from '@tandem/core';

export function describeDevice(): MeasuredMachine {
  return {
    processor: cpus()[0]?.model.trim() || 'unknown',
    cores: Math.max(1, cpus().length),
    memoryBytes: bytes(totalmem()),
    system: `${type()} ${release()}, Node ${process.version}`,
  };
}

/** Name and version of the model runtime. */
export function runtimeVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('onnxruntime-node/package.json');
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return `onnxruntime-node ${known ? String(manifest.version) : 'of unknown version'}`;
}

/** The first processor's clock rate now; null where Linux's cpufreq is not there to tell. */
export function frequencyHertz(): number | null {
  try {
    const kilohertz = readFileSync('/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq', 'utf8');
    const rate = Number(kilohertz.trim()) * 1000;
    return Number.isFinite(rate) && rate > 0 ? rate : null;
  } catch {
    return null;
  }
}
