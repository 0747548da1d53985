import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/**
 * Completes package-lock.json after `npm install`: npm leaves out the optional packages of other platforms that the registry in use does
 * not serve, and `npm ci` then refuses the lock everywhere. Their versions are exact in the packages that name them; what their names say
 * of the platform is what lets npm pass them over where they do not fit.
 */

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = [
  'arm64',
  'x64',
  'arm',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
];

const lock = JSON.parse(await readFile(path, 'utf8')) as { packages: Record<string, LockedPackage> };
const missing = Object.values(lock.packages).flatMap(({ dev, optionalDependencies = {} }) =>
  Object.entries(optionalDependencies)
    .filter(([name, version]) => /^\d/.test(version) && lock.packages[`node_modules/${name}`] === undefined)
    .map(([name, version]) => [`node_modules/${name}`, entryOf(name, version, dev === true)] as const),
);
const packages = { ...lock.packages, ...Object.fromEntries(missing) };
const sorted = Object.fromEntries(
  Object.entries(packages).sort(([left], [right]) => (left < right ? -1 : 1)),
);
await writeFile(path, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`);
console.log(`${missing.length} optional packages of other platforms added to package-lock.json`);

function entryOf(name: string, version: string, dev: boolean): object {
  const words = name.split(/[-/]/);
  const cpu = processors.filter((processor) => words.some((word) => word.startsWith(processor)));
  return {
    version,
    cpu: cpu.slice(0, 1),
    ...(dev ? { dev } : {}),
    ...(words.some((word) => word.startsWith('musl')) ? { libc: ['musl'] } : {}),
    optional: true,
    os: systems.filter((system) => words.includes(system)),
  };
}
