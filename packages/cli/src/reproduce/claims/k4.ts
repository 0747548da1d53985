import { coachScore, createRandom, type Element, type NodeId, type Random, searchBlock } from '@tandem/core';
import { type Claim, defineClaim } from '../claim.ts';
import { papers } from '../papers.ts';

/** Blocks of each size whose counts are averaged. */
const draws = 20;
/** Of the blocks, whatever seed the command has. */
const seed = 4;
const section = 'offline component, complexity';
/** A count that doubles with n grows as n¹. */
const power = { kind: 'absolute', value: 0.15 } as const;

export const k4: Claim = defineClaim({
  claim:
    'For n parallel flows of c independent layers the recursive search takes O(c n), where a conventional one takes O(c^n).',
  paper: papers.coach,
  standIn:
    'Tandem’s reconstruction of the search on blocks of n branches of c layers with random times, and the number of cuts that it scores. Algorithm 1 is not fully legible in the paper.',
  figures: {
    'growth with n, as a power': { unit: 'exponent', paper: 1, tolerance: power, where: section },
    'growth with c, as a power': { unit: 'exponent', paper: 1, tolerance: power, where: section },
    'scored for c = 8, n = 8': { unit: 'cuts', paper: null, tolerance: power, where: section },
    'all cuts for c = 8, n = 8': { unit: 'cuts', paper: null, tolerance: power, where: section },
    'longest stage over the best, c = 4, n = 4': { unit: '×', paper: null, tolerance: power, where: section },
  },
  remarks: [
    'A power is that between n (or c) = 4 and 16, the other being 8; 20 blocks each.',
    'With the entry of the block each flow has c + 1 positions, so that all cuts are (c + 1)^n.',
    'The paper does not say that its answer is the best; the last figure is the mean of 20 blocks, the longest of the three times first in the score.',
  ],
  run: async () => {
    const random = createRandom(seed);
    const count = async (layers: number, flows: number): Promise<number> =>
      (await searchMany(random, layers, flows)).scored;
    return {
      'growth with n, as a power': Math.log((await count(8, 16)) / (await count(8, 4))) / Math.log(4),
      'growth with c, as a power': Math.log((await count(16, 8)) / (await count(4, 8))) / Math.log(4),
      'scored for c = 8, n = 8': await count(8, 8),
      'all cuts for c = 8, n = 8': 9 ** 8,
      'longest stage over the best, c = 4, n = 4': (await searchMany(random, 4, 4, allCuts)).ratio,
    };
  },
});

/** Means over blocks. */
async function searchMany(
  random: Random,
  layers: number,
  flows: number,
  every?: (block: Block) => Iterable<readonly NodeId[]>,
): Promise<{ readonly scored: number; readonly ratio: number }> {
  let [scored, ratio] = [0, 0];
  for (let draw = 0; draw < draws; draw++) {
    const block = new Block(random.split(`block ${layers} ${flows} ${draw}`), layers, flows);
    const { score } = await searchBlock(block.element, [], block, async () => {});
    scored += block.scored / draws;
    if (every === undefined) continue;
    let best = Number.POSITIVE_INFINITY;
    for (const nodes of every(block)) best = Math.min(best, block.score(nodes)[0] ?? best);
    ratio += (score[0] ?? 0) / best / draws;
  }
  return { scored, ratio };
}

/** Flows between tensor 0 and a merge; node k yields tensor k + 1, and runs three times faster behind the cut. */
class Block {
  readonly element: Element;
  readonly flows: readonly (readonly NodeId[])[];
  readonly #seconds: readonly number[];
  readonly #transfer: readonly number[];
  scored = 0;

  constructor(random: Random, layers: number, flows: number) {
    const merge = layers * flows;
    this.flows = Array.from({ length: flows }, (_, flow) =>
      Array.from({ length: layers }, (_unused, layer) => flow * layers + layer),
    );
    const draw = (): number[] => Array.from({ length: merge + 1 }, () => 1 + 9 * random.next());
    [this.#seconds, this.#transfer] = [draw(), draw()];
    const nodes = [...this.flows.flat(), merge];
    this.element = {
      ...basic(nodes),
      merge: [merge],
      branches: this.flows.map((flow) => flow.map((node) => basic([node]))),
    };
  }

  score(nodes: readonly NodeId[]): readonly number[] {
    this.scored++;
    const before = new Set(nodes);
    let [first, second] = [0, 0];
    for (const [node, time] of this.#seconds.entries()) {
      if (before.has(node)) first += time;
      else second += time / 3;
    }
    const ends = this.flows.map((flow) => 1 + (flow.findLast((node) => before.has(node)) ?? -1));
    const transfer = [...new Set(ends)].reduce((sum, tensor) => sum + (this.#transfer[tensor] ?? 0), 0);
    const rest = { parallelTransfer: 0, parallelSecond: 0, latency: first + transfer + second, bytes: 0 };
    return coachScore('in-turn', { first, transfer, second, ...rest });
  }

  gain(node: NodeId): number {
    return (this.#seconds[node] ?? 0) * (2 / 3);
  }
}

const basic = (nodes: readonly NodeId[]): Element => ({
  entry: 0,
  exit: (nodes.at(-1) ?? 0) + 1,
  nodes,
  merge: nodes,
  branches: [],
  opaque: false,
});

function* allCuts({ flows }: Block): Generator<readonly NodeId[]> {
  const positions = (flows[0]?.length ?? 0) + 1;
  for (let code = 0; code < positions ** flows.length; code++)
    yield flows.flatMap((flow, at) => flow.slice(0, Math.floor(code / positions ** at) % positions));
}
