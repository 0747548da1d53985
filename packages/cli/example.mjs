// A small network cut between two agent processes on this machine, planned, run and compared with the whole: what `tandem run` prints.
import { execFileSync } from 'node:child_process';

const printed = execFileSync('npx', ['--no-install', 'tandem', 'run', 'zoo:cifar-resnet-8', '--json'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
});
const { equality, stages, measuredSeconds } = JSON.parse(printed);
console.log(`${stages.map(({ device, nodes }) => `${nodes} nodes on ${device}`).join(', then ')}`);
console.log(
  `answered in ${(1000 * measuredSeconds).toFixed(1)} ms; the answer is the whole model's: ${equality.holds}`,
);
if (!equality.holds) process.exitCode = 1;
