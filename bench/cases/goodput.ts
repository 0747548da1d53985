import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { median } from '../paired.ts';
import { measureGoodput } from '../testbed/goodput.ts';
import { memoryGoodput } from '../testbed/memory-goodput.ts';
import { directionsOf, readScenario, type Scenario } from '../testbed/scenario.ts';
import { type TestbedSupport, testbedSupport } from '../testbed/support.ts';
import { openTestbed } from '../testbed/testbed.ts';

const folder = fileURLToPath(new URL('../testbed/scenarios/', import.meta.url));
/** Long enough for the first bucket not to count, short enough for every link of every scenario in a minute. */
const transferSeconds = 0.8;
/** Its median counts: a machine that was busy for a moment leaves the link empty for a moment. */
const transfers = 3;

/** The testbed judged before anything is measured on it. */
export const goodput: Bench = {
  title:
    'Payload rate of a plain socket pair over every shaped link of the testbed’s scenarios, against its nominal rate.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const support = testbedSupport();
    const rows: BenchRow[] = [];
    for (const file of (await readdir(folder)).sort()) {
      const scenario = await readScenario(join(folder, file));
      if (scenario.name.includes(context.only)) rows.push(...(await rowsOf(scenario, support, context)));
    }
    return { rows, remarks: [support.supported ? onTestbed : instead(support.reason)] };
  },
};

const onTestbed =
  'Namespaces joined by veth, tbf with the bucket of bench/testbed/network.ts; one TCP stream, counted at the receiver from its first chunk; the median of three. ' +
  'The nominal rate counts Ethernet, IP and TCP headers (66 of 1,514 bytes), so 0.956 is what a full frame can carry.';

const instead = (reason: string): string =>
  `No testbed here (${reason}): measured over the memory transport, whose rate counts payload only.`;

/** Both directions of each link, one after the other. */
async function rowsOf(
  scenario: Scenario,
  support: TestbedSupport,
  context: BenchContext,
): Promise<BenchRow[]> {
  const testbed = support.supported ? await openTestbed(scenario) : null;
  const rows: BenchRow[] = [];
  try {
    for (const { from, to, megabitsPerSecond: rate } of directionsOf(scenario)) {
      if (rate === undefined) continue;
      context.signal.throwIfAborted();
      const bytes = Math.round((rate * 1e6 * transferSeconds) / 8);
      const rates: number[] = [];
      while (rates.length < transfers)
        rates.push(
          testbed === null
            ? await memoryGoodput(rate, bytes, context.signal)
            : await measureGoodput(testbed, from, to, bytes),
        );
      const value = median(rates);
      rows.push({
        case: `${scenario.name}: ${from} to ${to}`,
        value,
        unit: 'Mbit/s',
        ratioTo: `${rate} Mbit/s`,
        ratio: value / rate,
      });
      context.progress(`${scenario.name}: ${from} to ${to}: ${value.toFixed(2)} of ${rate} Mbit/s`);
    }
  } finally {
    await testbed?.close();
  }
  return rows;
}
