import { readFileSync } from 'node:fs';
import { folderStore, ortExecutor, systemClock, systemClockName, tcp } from '@tandem/node';
import { pacedExecutor, startAgent } from '@tandem/runtime';

/** An agent as `tandem agent` starts one, but for the number of plans that it takes: `agent-process ADDRESS TOKENFILE STORE`. */
const [address = '', tokenFile = '', store = ''] = process.argv.slice(2);
process.stdin.resume().on('end', () => process.exit(1));
await startAgent({
  address,
  transport: tcp(),
  executor: pacedExecutor(ortExecutor(), systemClock),
  store: folderStore(store),
  clock: systemClock,
  clockName: systemClockName(),
  token: readFileSync(tokenFile, 'utf8').trim(),
  pid: process.pid,
  limits: { plans: 256 },
});
console.log('listening');
