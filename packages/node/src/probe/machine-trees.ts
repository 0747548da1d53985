import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DescribeOptions } from './describe-machine.ts';
import type { OperatingSystem } from './operating-system.ts';

/** A machine as its kernel describes it: files by path, the first part 'proc' or 'sys'. For tests. */
export interface MachineTree {
  readonly files: Readonly<Record<string, string>>;
  readonly system?: Partial<OperatingSystem>;
}

const processor = (count: number, lines: string): string =>
  Array.from({ length: count }, (_, index) => `processor\t: ${index}\n${lines}`).join('\n\n');

function cache(cpu: number, index: number, level: number, type: string, size: string, shared: string) {
  const folder = `sys/devices/system/cpu/cpu${cpu}/cache/index${index}`;
  return {
    [`${folder}/level`]: `${level}\n`,
    [`${folder}/type`]: `${type}\n`,
    [`${folder}/size`]: `${size}\n`,
    [`${folder}/shared_cpu_list`]: `${shared}\n`,
  };
}

function siblings(lists: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lists.map((list, cpu) => [`sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, `${list}\n`]),
  );
}

function cpufreq(cpu: number, values: Readonly<Record<string, string | number>>): Record<string, string> {
  const folder = `sys/devices/system/cpu/cpu${cpu}/cpufreq`;
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${folder}/${key}`, `${value}\n`]));
}

/** Two cores of two threads each, a battery, an Intel package sensor beside the firmware's. */
const laptop: MachineTree = {
  files: {
    'proc/cpuinfo': processor(
      4,
      'vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 142\nmodel name\t: Intel(R) Core(TM) i5-7200U CPU @ 2.50GHz\nflags\t\t: fpu sse2 sse4_1 sse4_2 fma f16c avx avx2',
    ),
    'proc/self/status': 'Name:\tnode\nCpus_allowed_list:\t0-3\n',
    'proc/self/cgroup': '0::/user.slice/session-1.scope\n',
    'proc/meminfo': 'MemTotal:        8010736 kB\nMemFree:          500000 kB\nMemAvailable:    5120000 kB\n',
    'sys/class/dmi/id/chassis_type': '10\n',
    'sys/class/dmi/id/product_name': 'ThinkPad T470\n',
    ...siblings(['0,2', '1,3', '0,2', '1,3']),
    ...cache(0, 0, 1, 'Data', '32K', '0,2'),
    ...cache(0, 1, 1, 'Instruction', '32K', '0,2'),
    ...cache(0, 2, 2, 'Unified', '256K', '0,2'),
    ...cache(0, 3, 3, 'Unified', '3072K', '0-3'),
    ...cpufreq(0, {
      cpuinfo_min_freq: 400000,
      cpuinfo_max_freq: 3100000,
      scaling_cur_freq: 700012,
      scaling_governor: 'powersave',
    }),
    'sys/class/thermal/thermal_zone0/type': 'acpitz\n',
    'sys/class/thermal/thermal_zone0/temp': '99000\n',
    'sys/class/thermal/thermal_zone1/type': 'x86_pkg_temp\n',
    'sys/class/thermal/thermal_zone1/temp': '46000\n',
    'sys/class/hwmon/hwmon0/name': 'coretemp\n',
    'sys/class/hwmon/hwmon0/temp1_input': '47500\n',
    'sys/class/power_supply/AC/type': 'Mains\n',
    'sys/class/power_supply/BAT0/type': 'Battery\n',
    'sys/class/power_supply/BAT0/capacity': '83\n',
    'sys/class/power_supply/BAT0/status': 'Discharging\n',
    'sys/class/power_supply/hidpp_battery_0/type': 'Battery\n',
    'sys/class/power_supply/hidpp_battery_0/scope': 'Device\n',
    'sys/class/power_supply/hidpp_battery_0/capacity': '5\n',
  },
};

/** Its kernel lists no processor name and no caches. */
const raspberry: MachineTree = {
  files: {
    'proc/cpuinfo': `${processor(4, 'BogoMIPS\t: 108.00\nFeatures\t: fp asimd evtstrm crc32 cpuid\nCPU implementer\t: 0x41\nCPU part\t: 0xd08')}\n\nModel\t\t: Raspberry Pi 4 Model B Rev 1.4\n`,
    'proc/self/status': 'Cpus_allowed_list:\t0-3\n',
    'proc/device-tree/model': 'Raspberry Pi 4 Model B Rev 1.4\0',
    'proc/meminfo': 'MemTotal:        3884396 kB\nMemAvailable:    3400000 kB\n',
    ...siblings(['0', '1', '2', '3']),
    ...cpufreq(0, {
      cpuinfo_min_freq: 600000,
      cpuinfo_max_freq: 1500000,
      scaling_cur_freq: 1500000,
      scaling_governor: 'ondemand',
      scaling_available_frequencies: '600000 750000 1000000 1500000 ',
    }),
    'sys/class/thermal/thermal_zone0/type': 'cpu-thermal\n',
    'sys/class/thermal/thermal_zone0/temp': '48686\n',
  },
};

/** Six cores of which a power mode switches two off; a sensor that is off reads an absurd value. */
const jetson: MachineTree = {
  files: {
    'proc/cpuinfo': processor(
      4,
      'Features\t: fp asimd asimdhp asimddp\nCPU implementer\t: 0x41\nCPU part\t: 0xd42\nmodel name\t: ARMv8 Processor rev 1 (v8l)',
    ),
    'proc/self/status': 'Cpus_allowed_list:\t0-5\n',
    'proc/device-tree/model': 'NVIDIA Jetson Orin Nano Developer Kit\0',
    'proc/meminfo': 'MemTotal:        7802932 kB\nMemAvailable:    6000000 kB\n',
    ...siblings(['0', '1', '2', '3']),
    ...cache(0, 0, 1, 'Data', '64K', '0'),
    ...cache(0, 2, 2, 'Unified', '256K', '0'),
    ...cache(0, 3, 3, 'Unified', '2048K', '0-3'),
    ...cpufreq(0, {
      cpuinfo_min_freq: 115200,
      cpuinfo_max_freq: 1200000,
      scaling_cur_freq: 1200000,
      scaling_governor: 'schedutil',
    }),
    ...cpufreq(3, {
      cpuinfo_min_freq: 115200,
      cpuinfo_max_freq: 1510400,
      scaling_cur_freq: 1510400,
      scaling_governor: 'schedutil',
      scaling_available_frequencies: '1510400 729600 115200',
    }),
    'sys/class/thermal/thermal_zone0/type': 'cpu-thermal\n',
    'sys/class/thermal/thermal_zone0/temp': '51250\n',
    'sys/class/thermal/thermal_zone1/type': 'soc0-thermal\n',
    'sys/class/thermal/thermal_zone1/temp': '90000\n',
    'sys/class/thermal/thermal_zone2/type': 'cpu2-thermal\n',
    'sys/class/thermal/thermal_zone2/temp': '-256000\n',
  },
  system: { ask: async () => 'NV Power Mode: 7W_AI\n1\n' },
};

const epyc = 'vendor_id\t: AuthenticAMD\ncpu family\t: 23\nmodel\t\t: 49\nmodel name\t: AMD EPYC 7702';

/** A container with one and a half processors and 2 GiB of 64 GiB, half a GiB of its use being file pages. */
const container: MachineTree = {
  files: {
    'proc/cpuinfo': processor(4, `${epyc}\nflags\t\t: sse2 avx avx2 fma hypervisor`),
    'proc/self/status': 'Cpus_allowed_list:\t0,2-3\n',
    'proc/self/cgroup': '0::/\n',
    'proc/meminfo': 'MemTotal:       67108864 kB\nMemAvailable:   60000000 kB\n',
    'sys/fs/cgroup/cpu.max': '250000 100000\n',
    'sys/fs/cgroup/memory.max': `${2 ** 31}\n`,
    'sys/fs/cgroup/memory.current': `${2 ** 30}\n`,
    'sys/fs/cgroup/memory.stat': `anon 1\ninactive_file ${2 ** 29}\n`,
    ...siblings(['0', '1', '2', '3']),
  },
};

/** The same under version 1, where the path is the host's and only the root can be seen. */
const olderContainer: MachineTree = {
  files: {
    'proc/cpuinfo': processor(4, `${epyc}\nflags\t\t: sse2 avx avx2 fma`),
    'proc/self/status': 'Cpus_allowed_list:\t0-3\n',
    'proc/self/cgroup': '5:memory:/docker/1f\n4:cpu,cpuacct:/docker/1f\n3:cpuset:/\n',
    'proc/meminfo': 'MemTotal:       67108864 kB\nMemAvailable:   60000000 kB\n',
    'sys/class/dmi/id/chassis_type': '23\n',
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '50000\n',
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': `${2 ** 31}\n`,
    'sys/fs/cgroup/memory/memory.usage_in_bytes': `${2 ** 30}\n`,
    ...siblings(['0,1', '0,1', '2,3', '2,3']),
  },
};

/** Nothing under /proc and /sys: what Node.js knows is all. */
const mac: MachineTree = {
  files: {},
  system: {
    platform: 'darwin',
    processor: 'Apple M1',
    parallelism: 8,
    memoryBytes: 2 ** 33,
    freeMemoryBytes: 2 ** 32,
  },
};

export const machineTrees: Readonly<
  Record<'laptop' | 'raspberry' | 'jetson' | 'container' | 'olderContainer' | 'mac', MachineTree>
> = { laptop, raspberry, jetson, container, olderContainer, mac };

/** Writes the machine's files below `folder` and gives what `describeMachine` takes. */
export async function plant(
  folder: string,
  { files, system }: MachineTree,
): Promise<Required<DescribeOptions>> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const linux: OperatingSystem = {
    platform: 'linux',
    system: 'a test',
    processor: '',
    parallelism: 4,
    memoryBytes: 1,
    freeMemoryBytes: 1,
    ask: async () => null,
  };
  const roots = { proc: join(folder, 'proc'), sys: join(folder, 'sys') };
  return { roots, system: { ...linux, ...system } };
}
