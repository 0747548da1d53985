import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * Packs every package as it would be published, installs the tarballs in an empty project, and there runs each package's example
 * and the command. Finds what the workspace hides: files left out of a package, dependencies it does not declare.
 */

const root = fileURLToPath(new URL('../', import.meta.url));
const startedAt = performance.now();
const run = promisify(execFile);

interface Package {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
}

await checkPackages();

async function checkPackages(): Promise<void> {
  const packages = await workspacePackages();
  const project = await mkdtemp(join(tmpdir(), 'tandem-packages-'));
  try {
    await install(packages, project);
    for (const each of packages) await runExample(each, project);
    await runCommand(packages, project);
    say(`${packages.length} packages install and run`);
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}

async function workspacePackages(): Promise<Package[]> {
  const names = (await readdir(join(root, 'packages'))).sort();
  const folders = names.map((name) => join(root, 'packages', name));
  const packed = folders.filter((folder) => existsSync(join(folder, 'package.json')));
  return Promise.all(packed.map(async (folder) => ({ folder, ...(await manifest(folder)) })));
}

async function manifest(folder: string): Promise<{ name: string; version: string }> {
  const text = await readFile(join(folder, 'package.json'), 'utf8');
  const { name, version } = JSON.parse(text) as { readonly name: unknown; readonly version: unknown };
  return { name: String(name), version: String(version) };
}

async function install(packages: readonly Package[], project: string): Promise<void> {
  say(`packing ${packages.map((each) => each.name).join(', ')}`);
  const workspaces = packages.map((each) => `--workspace=${each.name}`);
  await command('npm', ['pack', '--silent', `--pack-destination=${project}`, ...workspaces], root, 60);
  const tarballs = (await readdir(project)).filter((name) => name.endsWith('.tgz'));
  if (tarballs.length !== packages.length) throw new Error(`npm packed only ${tarballs.join(', ')}`);
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty', private: true, type: 'module' }),
  );
  say(`installing ${tarballs.length} tarballs in an empty project`);
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await command('npm', ['install', ...options, ...tarballs.map((name) => `./${name}`)], project, 300);
}

async function runExample({ folder, name }: Package, project: string): Promise<void> {
  const example = join(folder, 'example.mjs');
  if (!existsSync(example)) return say(`${name} has no example`);
  say(`running the example of ${name}`);
  const copy = join(project, `${name.replaceAll(/[@/]/g, '-')}.mjs`);
  await copyFile(example, copy);
  await command(process.execPath, [copy], project, 60);
}

async function runCommand(packages: readonly Package[], project: string): Promise<void> {
  say('running npx tandem --version');
  // Where the package lacks the file, npm leaves the command out, and npx would look for another package of that name.
  if (!existsSync(join(project, 'node_modules/.bin/tandem')))
    throw new Error('@tandem/cli installs no command: its bin names a file that the package lacks');
  const printed = await command('npx', ['--no-install', 'tandem', '--version'], project, 30);
  const expected = packages.find((each) => each.name === '@tandem/cli')?.version ?? 'a version';
  if (printed.trim() !== expected)
    throw new Error(`tandem --version printed '${printed.trim()}', expected ${expected}`);
}

/** Standard output of a command that must succeed in time; its error output ends up in the thrown message. */
async function command(
  name: string,
  options: readonly string[],
  cwd: string,
  seconds: number,
): Promise<string> {
  // Without it the post-install of onnxruntime-node downloads CUDA libraries, which only GPU machines need.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const { stdout } = await run(name, options, { cwd, env, timeout: seconds * 1000, maxBuffer: 2 ** 24 });
  return stdout;
}

function say(line: string): void {
  console.log(`[${((performance.now() - startedAt) / 1000).toFixed(1)} s] ${line}`);
}
