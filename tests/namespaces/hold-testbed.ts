import { openTestbed } from '../../bench/testbed/testbed.ts';

// A testbed's owner that never closes it: the test kills it, or asks it to throw or to exit.
const testbed = await openTestbed({
  name: 'held',
  hosts: [{ id: 'left', memoryBytes: 64 * 1024 * 1024 }, { id: 'right' }],
  links: [{ between: ['left', 'right'], megabitsPerSecond: 20 }],
});
testbed.exec('left', ['sleep', '600'], { stdio: 'ignore' });
const sleeper = testbed.exec('right', ['sleep', '600'], { stdio: 'ignore' });
console.log(JSON.stringify({ sleeper: sleeper.pid }));
process.stdin.on('data', (order) => {
  if (String(order).startsWith('throw')) throw new Error('as asked');
  process.exit(0);
});
