import { type Claim, defineClaim, type Figure, roundedTo } from '../claim.ts';
import { papers } from '../papers.ts';
import { machines, partitionStandIn, uplinkNames, waysToRun } from '../wireless-partition.ts';

const speedUp = (paper: number): Figure => ({
  unit: '×',
  paper,
  tolerance: roundedTo(1),
  where: 'section VI-D and Fig. 6(b)',
});

export const m8: Claim = defineClaim({
  claim:
    'On a Raspberry Pi 4B, cutting AlexNet is faster than either machine alone over every link, by 1.2 to 6.4 times.',
  paper: papers.mu,
  standIn: partitionStandIn,
  figures: {
    'most against All_Local': speedUp(6.4),
    'least against All_Server': speedUp(1.2),
    'most against either': speedUp(6.4),
    'least against either': speedUp(1.2),
  },
  remarks: [
    'The printed factors come out as the most against All_Local and the least against All_Server. Read literally, as against both, they do not: over 3G All_Server is slower by more, and All_Local is as fast, since the best cut is behind the last layer. The two readings were told apart after the first run, and both are judged.',
  ],
  run: async (context) => {
    const ways = await waysToRun(machines['raspberry-pi-4b'], context);
    const all = uplinkNames.map((name) => ways[name]);
    const local = all.map(({ allLocal, partition }) => allLocal / partition);
    const server = all.map(({ allServer, partition }) => allServer / partition);
    return {
      'most against All_Local': Math.max(...local),
      'least against All_Server': Math.min(...server),
      'most against either': Math.max(...local, ...server),
      'least against either': Math.min(...local, ...server),
    };
  },
});
