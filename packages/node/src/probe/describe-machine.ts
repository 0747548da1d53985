import type { Microarchitecture } from '@tandem/core';
import type { DeviceDescription } from '@tandem/runtime';
import { controlGroupLimits } from './control-group.ts';
import { deviceClass } from './device-class.ts';
import { Findings } from './findings.ts';
import { type OperatingSystem, thisSystem } from './operating-system.ts';
import { processorName, processorText } from './processor-text.ts';
import { dataCacheBytes, readCaches } from './read-caches.ts';
import { type Processors, readProcessors } from './read-cores.ts';
import { readFrequencies } from './read-frequencies.ts';
import { readMemory } from './read-memory.ts';
import { readSensors } from './read-sensors.ts';
import { type FileRoots, kernelRoots, SystemFiles } from './system-files.ts';
import { multiplyAddUnits, vectorUnits } from './vector-units.ts';

export interface DescribeOptions {
  /** @default those of this machine */
  readonly roots?: FileRoots;
  /** @default the one that runs this */
  readonly system?: OperatingSystem;
}

/** What the system says about this machine; nothing is measured. Never throws for something that cannot be read: `unknown` has it. */
export async function describeMachine(options: DescribeOptions = {}): Promise<DeviceDescription> {
  const { roots = kernelRoots, system = thisSystem() } = options;
  const files = new SystemFiles(roots);
  const findings = new Findings();
  const text = processorText(await files.text('proc/cpuinfo'));
  const limits = await controlGroupLimits(files);
  const processors = await readProcessors(files, system, limits);
  findings.sources.push({ what: 'threads', how: 'read', from: threadsFrom(processors, system) });
  const processor = processorName(text) ?? (system.processor === '' ? null : system.processor);
  const nameFrom = text.size > 0 ? '/proc/cpuinfo' : 'node:os';
  const board =
    (await files.text('proc/device-tree/model')) ?? (await files.text('sys/class/dmi/id/product_name'));
  return {
    ...findings.note('processor', processor, 'read', nameFrom, notTold(system)),
    ...findings.note('board', board, 'read', 'the firmware', 'neither a device tree nor DMI names it'),
    system: system.system,
    threads: processors.threads,
    ...(await readMemory(files, system, limits, findings)),
    ...(await hardware(files, system, text, processors, findings)),
    ...(await clock(files, system, processors, findings)),
    sensors: await readSensors(files, findings),
    matrixRates: [],
    sources: findings.sources,
    unknown: findings.unknown,
  };
}

const threadsFrom = ({ allowed, threads }: Processors, { platform }: OperatingSystem): string =>
  threads < allowed.length ? "the control group's quota" : platform === 'linux' ? 'the affinity' : 'node:os';

const notTold = ({ platform }: OperatingSystem): string =>
  platform === 'linux' ? 'the kernel does not say' : `no way to read it on ${platform} is known`;

type Hardware = Pick<DeviceDescription, 'microarchitecture' | 'caches'>;

async function hardware(
  files: SystemFiles,
  system: OperatingSystem,
  text: ReturnType<typeof processorText>,
  { allowed, cores }: Processors,
  findings: Findings,
): Promise<Hardware> {
  const why = notTold(system);
  const found = await deviceClass(files, text);
  const scalable = await files.number('proc/sys/abi/sve_default_vector_length');
  const { instructionSets, simdBits } = vectorUnits(text, scalable);
  const units = multiplyAddUnits(text, simdBits);
  const caches = await readCaches(files, allowed[0] ?? 0);
  const cacheFrom = `/sys/devices/system/cpu/cpu${allowed[0] ?? 0}/cache`;
  const cache = <Key extends string>(key: Key, level: number) =>
    findings.note(key, dataCacheBytes(caches, level), 'read', cacheFrom, why);
  const sets = instructionSets.length === 0 ? null : instructionSets;
  const microarchitecture: Microarchitecture = {
    ...findings.note('class', found?.value ?? null, 'read', found?.from ?? '', 'the firmware does not say'),
    ...findings.note('cores', cores, 'read', '/sys/devices/system/cpu/cpu*/topology', why),
    ...findings.note('simdBits', simdBits, 'read', '/proc/cpuinfo', why),
    ...findings.note('fmaUnits', units, 'known', 'the manuals of this processor', 'not known for it'),
    ...cache('level1Bytes', 1),
    ...cache('level2Bytes', 2),
    ...cache('level3Bytes', 3),
    ...findings.note('instructionSets', sets, 'read', '/proc/cpuinfo', why),
  };
  return { microarchitecture, caches };
}

type Clock = Pick<DeviceDescription, 'frequencies' | 'frequencyHertz' | 'governor' | 'powerMode'>;

async function clock(
  files: SystemFiles,
  system: OperatingSystem,
  { allowed }: Processors,
  findings: Findings,
): Promise<Clock> {
  const found = await readFrequencies(files, allowed);
  const from = found?.from ?? '';
  const why = system.platform === 'linux' ? 'no cpufreq under /sys/devices/system/cpu' : notTold(system);
  const tool = system.platform === 'linux' ? await system.ask('nvpmodel', ['-q']) : null;
  const mode = /^NV Power Mode:\s*(\S+)/m.exec(tool ?? '')?.[1] ?? null;
  return {
    ...findings.note('frequencies', found?.frequencies ?? null, 'read', from, why),
    ...findings.note('frequencyHertz', found?.frequencyHertz ?? null, 'read', from, why),
    ...findings.note('governor', found?.governor ?? null, 'read', from, why),
    ...findings.note('powerMode', mode, 'read', 'nvpmodel -q', 'no nvpmodel that answers'),
  };
}
