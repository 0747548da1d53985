import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { measureGoodput } from '../testbed/goodput.ts';
import { memoryGoodput } from '../testbed/memory-goodput.ts';
import { parseScenario } from '../testbed/scenario.ts';
import { testbedSupport } from '../testbed/support.ts';
import { openTestbed } from '../testbed/testbed.ts';

const rates = [5, 20, 50, 100];
/** Long enough for the first bucket not to count, short enough for four rates in a dozen seconds. */
const transferSeconds = 2;

/** The testbed judged before anything is measured on it. */
export const goodput: Bench = {
  title: 'Payload rate of a plain socket pair over the testbed’s shaped links, against their nominal rate.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const support = testbedSupport();
    const rows: BenchRow[] = [];
    for (const rate of rates) {
      const name = `${rate} Mbit/s`;
      if (!name.includes(context.only)) continue;
      context.signal.throwIfAborted();
      const bytes = (rate * 1e6 * transferSeconds) / 8;
      const measured = support.supported
        ? await overTestbed(rate, bytes)
        : await memoryGoodput(rate, bytes, context.signal);
      context.progress(`${name}: ${measured.toFixed(2)} Mbit/s`);
      rows.push({
        case: name,
        value: measured,
        unit: 'Mbit/s',
        ratioTo: 'nominal rate',
        ratio: measured / rate,
      });
    }
    return { rows, remarks: [support.supported ? onTestbed : instead(support.reason)] };
  },
};

const onTestbed =
  'Namespaces joined by veth, tbf with the bucket of bench/testbed/network.ts; one TCP stream, counted at the receiver from its first chunk. ' +
  'The nominal rate counts Ethernet, IP and TCP headers (66 of 1,514 bytes), so 0.956 is what a full frame can carry.';

const instead = (reason: string): string =>
  `No testbed here (${reason}): measured over the memory transport, whose rate counts payload only.`;

async function overTestbed(rate: number, bytes: number): Promise<number> {
  const scenario = parseScenario(
    {
      name: `pair at ${rate}`,
      hosts: [{ id: 'left' }, { id: 'right' }],
      links: [{ between: ['left', 'right'], megabitsPerSecond: rate }],
    },
    'goodput',
  );
  const testbed = await openTestbed(scenario);
  try {
    return await measureGoodput(testbed, 'left', 'right', bytes);
  } finally {
    await testbed.close();
  }
}
