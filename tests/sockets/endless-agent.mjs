import { createSha256, systemClock, tcp } from '@tandem/node';
import { memoryStore, nullExecutor, startAgent } from '@tandem/runtime';

// An agent whose stages never end; it tells its parent where it listens, and when a stage has started.
const executor = nullExecutor({
  segments: () => ({ inputs: ['x'], outputs: [{ name: 'y', type: 'uint8', shape: [1] }] }),
  respond: () => {
    process.send('started');
    return new Promise(() => {});
  },
});
const agent = await startAgent({
  address: '127.0.0.1:0',
  transport: tcp(),
  executor,
  store: memoryStore(createSha256),
  clock: systemClock,
  token: process.argv[2],
  pid: process.pid,
});
process.on('disconnect', () => process.exit(1));
process.send(agent.address);
