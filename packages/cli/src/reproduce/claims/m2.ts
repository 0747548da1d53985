import { graphOf, zooModel } from '@tandem/core';
import { type Claim, defineClaim } from '../claim.ts';
import { papers } from '../papers.ts';

/** 'approximately': as a number without decimals may be off by one. */
const about = { kind: 'absolute', value: 1 } as const;

export const m2: Claim = defineClaim({
  claim: 'Behind AlexNet’s layer pool5 the data is about 75 % smaller than the input.',
  paper: papers.mu,
  standIn: 'Shapes of the same topology at 224 × 224; what they are does not depend on the weights.',
  figures: {
    'picture of 8 bits, features of 32': { unit: '% less', paper: 75, tolerance: about, where: 'section I' },
    'both of 32 bits': { unit: '% less', paper: null, tolerance: about, where: 'section I' },
  },
  remarks: [
    'The figure comes out only with a picture of 8 bits a sample. The paper’s own latencies (M7 to M9) come out only with 32, by which pool5 saves more.',
  ],
  run: async () => {
    const graph = graphOf(zooModel('alexnet', { batch: 1 }));
    const elements = (id = -1): number =>
      (graph.tensors[id]?.shape ?? []).reduce((product, size) => product * size, 1);
    const picture = elements(graph.inputs[0]);
    const pool5 = elements(graph.nodes.findLast(({ op }) => op === 'MaxPool')?.outputs[0]);
    return {
      'picture of 8 bits, features of 32': (1 - (4 * pool5) / picture) * 100,
      'both of 32 bits': (1 - pool5 / picture) * 100,
    };
  },
});
