import { type Claim, defineClaim, type Figure } from '../claim.ts';
import { papers } from '../papers.ts';
import { machines, partitionStandIn, uplinkNames, waysToRun } from '../wireless-partition.ts';

const where = 'section VI-D and Fig. 6(c)';
const speedUp = (paper: number): Figure => ({
  unit: '×',
  paper,
  tolerance: { kind: 'absolute', value: 0.5 },
  where,
});

export const m9: Claim = defineClaim({
  claim:
    'On a Jetson TK1 running AlexNet whole is fastest, and cutting it is 13 to 35 times faster than All_Server.',
  paper: papers.mu,
  standIn: partitionStandIn,
  figures: {
    'next best / All_Local, least over all links': {
      unit: '×',
      paper: 1,
      tolerance: { kind: 'at-least' },
      where,
    },
    'least against All_Server': speedUp(13),
    'most against All_Server': speedUp(35),
  },
  remarks: [
    'Of the paper a scan was at hand in which digits are damaged elsewhere; 13 and 35 may be misread. The paper’s own delay model, with its own machines and links, gives other factors.',
  ],
  run: async (context) => {
    const ways = await waysToRun(machines['jetson-tk1'], context);
    const all = uplinkNames.map((name) => ways[name]);
    const others = all.map(({ allLocal, allServer, partition }) => Math.min(allServer, partition) / allLocal);
    const factors = all.map(({ allServer, partition }) => allServer / partition);
    return {
      'next best / All_Local, least over all links': Math.min(...others),
      'least against All_Server': Math.min(...factors),
      'most against All_Server': Math.max(...factors),
    };
  },
});
