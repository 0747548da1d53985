import { type Claim, defineClaim, type Figure, roundedTo } from '../claim.ts';
import { papers } from '../papers.ts';
import { machines, megabits, partitionStandIn, uplinkNames, waysToRun } from '../wireless-partition.ts';

const speedUp = (paper: number): Figure => ({
  unit: '×',
  paper,
  tolerance: roundedTo(1),
  where: 'section VI-D and Fig. 6(a)',
});

export const m7: Claim = defineClaim({
  claim:
    'On a Raspberry Pi 3B+, cutting AlexNet is up to 3.7 times faster over 3G and at least twice; over faster links 8.5 to 9.7 times faster than the device alone.',
  paper: papers.mu,
  standIn: partitionStandIn,
  figures: {
    '3G, against All_Local': speedUp(3.7),
    '3G, against All_Server': speedUp(2),
    'faster links, least against All_Local': speedUp(8.5),
    'faster links, most against All_Local': speedUp(9.7),
    '3G, against All_Local, 1 Mbit = 10⁶ bits': { ...speedUp(3.7), paper: null },
    '3G, against All_Server, 1 Mbit = 10⁶ bits': { ...speedUp(2), paper: null },
  },
  remarks: [
    'The verdict rests on the choice of 2²⁰ bits: with 10⁶ both factors over 3G would be beyond their tolerance, and the claim would hold partly.',
    'The paper’s partition always computes at least one layer on the device. Over 4G, 5G and WiFi it is slower than All_Server, which Fig. 6(a) compares with at 3G only; Tandem’s planners may send the input and do.',
  ],
  run: async (context) => {
    const ways = await waysToRun(machines['raspberry-pi-3b+'], context);
    const slow = ways['3G'];
    const decimal = (await waysToRun(machines['raspberry-pi-3b+'], context, megabits.decimal))['3G'];
    const faster = uplinkNames
      .filter((name) => name !== '3G')
      .map((name) => ways[name].allLocal / ways[name].partition);
    return {
      '3G, against All_Local': slow.allLocal / slow.partition,
      '3G, against All_Server': slow.allServer / slow.partition,
      'faster links, least against All_Local': Math.min(...faster),
      'faster links, most against All_Local': Math.max(...faster),
      '3G, against All_Local, 1 Mbit = 10⁶ bits': decimal.allLocal / decimal.partition,
      '3G, against All_Server, 1 Mbit = 10⁶ bits': decimal.allServer / decimal.partition,
    };
  },
});
