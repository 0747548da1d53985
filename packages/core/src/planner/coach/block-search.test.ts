import { describe, expect, it } from 'vitest';
import type { Element } from '../../graph/elements.ts';
import type { NodeId } from '../../graph/graph.ts';
import { createRandom, type Random } from '../../random.ts';
import { searchBlock } from './block-search.ts';
import { type CoachForm, coachScore } from './coach-score.ts';

/** A block of chains between a tensor (0) and a merge; node k yields tensor k + 1. */
class Block {
  readonly element: Element;
  readonly branches: readonly (readonly NodeId[])[];
  readonly #first: readonly number[];
  readonly #second: readonly number[];
  readonly #transfer: readonly number[];
  /** Of what is before and behind the block. */
  readonly #outside: readonly [number, number];
  scores = 0;

  /** `speed`: how many times faster nodes are behind the cut. */
  constructor(random: Random, lengths: readonly number[], speed: number) {
    let next = 0;
    this.branches = lengths.map((length) => Array.from({ length }, () => next++));
    const merge = next;
    const draw = (): number[] => Array.from({ length: merge + 2 }, () => 1 + random.next() * 9);
    [this.#first, this.#second, this.#transfer] = [draw(), draw().map((time) => time / speed), draw()];
    this.#outside = [random.next() * 20, random.next() * 20];
    const nodes = Array.from({ length: merge + 1 }, (_, node) => node);
    this.element = { ...plain(nodes, 0, merge + 1), merge: [merge], branches: this.branches.map(chainOf) };
  }

  score(form: CoachForm, nodes: readonly NodeId[]): readonly number[] {
    this.scores++;
    const before = new Set(nodes);
    let [first, second] = this.#outside;
    for (const node of this.element.nodes) {
      if (before.has(node)) first += this.#first[node] ?? 0;
      else second += this.#second[node] ?? 0;
    }
    const crossing = new Set(
      this.branches.map((branch) => 1 + (branch.findLast((node) => before.has(node)) ?? -1)),
    );
    const transfer = [...crossing].reduce((sum, tensor) => sum + (this.#transfer[tensor] ?? 0), 0);
    const rest = { parallelTransfer: 0, parallelSecond: 0, latency: first + transfer + second, bytes: 0 };
    return coachScore(form, { first, transfer, second, ...rest });
  }

  gain(node: NodeId): number {
    return (this.#first[node] ?? 0) - (this.#second[node] ?? 0);
  }
}

function plain(nodes: readonly NodeId[], entry: number, exit: number): Element {
  return { entry, exit, nodes, merge: nodes, branches: [], opaque: false };
}

const chainOf = (nodes: readonly NodeId[]): Element[] => nodes.map((node) => plain([node], 0, node + 1));

/** Before each choice of one position a branch. */
function* everyCut([branch, ...others]: readonly (readonly NodeId[])[]): Generator<NodeId[]> {
  if (branch === undefined) {
    yield [];
    return;
  }
  for (const rest of everyCut(others))
    for (let count = 0; count <= branch.length; count++) yield [...branch.slice(0, count), ...rest];
}

const blocksOf = (speed: number): Block[] =>
  Array.from({ length: 300 }, (_, seed) => {
    const random = createRandom(seed);
    const lengths = Array.from({ length: 2 + random.integer(3) }, () => 2 + random.integer(3));
    return new Block(random, lengths, speed);
  });

async function ratios(form: CoachForm, speed: number): Promise<readonly number[]> {
  const all: number[] = [];
  for (const block of blocksOf(speed)) {
    const scoring = { score: block.score.bind(block, form), gain: block.gain.bind(block) };
    const { score } = await searchBlock(block.element, [], scoring, async () => {});
    const best = Math.min(
      ...[...everyCut(block.branches)].map((nodes) => block.score(form, nodes)[0] ?? Number.NaN),
    );
    all.push((score[0] ?? Number.NaN) / best);
  }
  return all;
}

describe('searchBlock', () => {
  it.each([
    { form: 'sum' as const, speed: 3, optimal: 0.5, mean: 1.08, worst: 1.8 },
    { form: 'in-turn' as const, speed: 3, optimal: 0.6, mean: 1.02, worst: 1.25 },
    { form: 'sum' as const, speed: 10, optimal: 0.7, mean: 1.05, worst: 1.8 },
    { form: 'in-turn' as const, speed: 10, optimal: 0.8, mean: 1.01, worst: 1.25 },
  ])(
    'is near the best of all cuts of 300 blocks, $speed times faster behind the cut, scored by $form',
    async ({ form, speed, optimal, mean, worst }) => {
      const all = await ratios(form, speed);
      for (const ratio of all) expect(ratio).toBeGreaterThanOrEqual(1 - 1e-9);
      expect(all.filter((ratio) => ratio <= 1 + 1e-9).length / all.length).toBeGreaterThan(optimal);
      expect(all.reduce((sum, ratio) => sum + ratio, 0) / all.length).toBeLessThan(mean);
      expect(Math.max(...all)).toBeLessThan(worst);
    },
  );

  it('scores at most 3 · 2 · Σ (c + 1) cuts of a block', async () => {
    for (const block of blocksOf(3)) {
      block.scores = 0;
      const scoring = { score: block.score.bind(block, 'sum' as const), gain: block.gain.bind(block) };
      await searchBlock(block.element, [], scoring, async () => {});
      const positions = block.branches.reduce((sum, branch) => sum + branch.length + 1, 0);
      expect(block.scores).toBeLessThanOrEqual(3 * 2 * positions);
      expect(block.scores).toBeGreaterThan(positions);
    }
  });

  it('searches a block inside a branch', async () => {
    const inner = new Block(createRandom(7), [3, 3], 3);
    const outer: Element = { ...inner.element, merge: [], branches: [[inner.element]] };
    const scoring = { score: inner.score.bind(inner, 'sum' as const), gain: inner.gain.bind(inner) };
    const direct = await searchBlock(inner.element, [], scoring, async () => {});
    const nested = await searchBlock(outer, [], scoring, async () => {});
    const whole = inner.score('sum', inner.element.nodes);
    expect(nested.score[0]).toBe(Math.min(direct.score[0] ?? 0, whole[0] ?? 0));
  });
});
