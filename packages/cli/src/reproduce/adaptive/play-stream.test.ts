import { createRandom, crossingBits, graphOf, singleTensorCuts, zooModel } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { adaptivePolicy } from './adaptive-policy.ts';
import { playStream } from './play-stream.ts';
import type { RecordedCut, RecordedSample } from './recorded-sample.ts';
import { deciderFor } from './rivals.ts';
import { levels, streamOf } from './stream-orders.ts';
import { type StreamSetting, streamSetting } from './stream-setting.ts';

const graph = graphOf(zooModel('cifar-resnet-8', { classes: 4, batch: 1 }));
const cut = singleTensorCuts(graph).find(({ boundary }) => {
  const [, channels = 0] = graph.tensors[boundary[0] ?? -1]?.shape ?? [];
  return channels === 16;
});
const channels = 16;
const labels = 4;

/** Each label has channels of its own; codes of fewer than 4 bits spoil every third answer. */
function samples(count: number, seed: number): readonly RecordedSample[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, at) => {
    const label = random.integer(labels);
    const feature = Float32Array.from(
      { length: channels },
      (_value, channel) => (channel % labels === label ? 1 : 0.1) + 0.1 * random.next(),
    );
    const coded = Object.fromEntries(
      crossingBits.map((bits) => [bits, bits < 4 && at % 3 === 0 ? (label + 1) % labels : label]),
    );
    return { label, truth: label, feature, coded };
  });
}

function recorded(calibrated: number = 800): RecordedCut {
  if (cut === undefined) throw new Error('the network has no cut of 16 channels');
  const judged = [samples(300, 2), samples(100, 3)];
  return { graph, cut, fraction: 0.5, calibration: samples(calibrated, 1), judged, check: [] };
}

const setting = (own: RecordedCut): StreamSetting => streamSetting(own, 0.001, 0.001);

describe('a stream', () => {
  it.each(levels)('holds every judged sample once at %s correlation', (level) => {
    const { judged } = recorded();
    for (const order of ['by-class', 'by-time'] as const) {
      const stream = streamOf(judged, order, level);
      expect(stream).toHaveLength(400);
      expect(new Set(stream)).toEqual(new Set(judged.flat()));
    }
  });

  it('of clips is in order of time at high correlation, and one of pictures by class', () => {
    const { judged } = recorded();
    expect(streamOf(judged, 'by-time', 'high')).toEqual(judged.flat());
    const truths = streamOf(judged.slice(0, 1), 'by-class', 'high').map(({ truth }) => truth);
    expect(truths).toEqual(truths.toSorted((left, right) => left - right));
  });
});

describe('playing a stream', () => {
  it('lets what is clear leave by the centres, sends less, answers sooner and loses nothing', async () => {
    const own = recorded();
    const policy = await adaptivePolicy(own);
    expect(policy.crossing).toBe(4);
    const stream = streamOf(own.judged, 'by-time', 'high');
    const play = (name: Parameters<typeof deciderFor>[0]) => {
      const decider = deciderFor(name, policy);
      if (decider === null) throw new Error(`there is no ${name}`);
      return playStream(stream, decider, setting(own), 4);
    };
    const [plain, centres, head] = [play('no adaptation'), play('centres'), play('softmax head')];
    expect(plain).toMatchObject({ exitShare: 0, exitsLost: 0, loss: { lost: 0 } });
    expect([...plain.bits]).toEqual([[4, stream.length]]);
    for (const adapted of [centres, head]) {
      expect(adapted.exitShare).toBeGreaterThan(0.9);
      expect(adapted.loss.lost).toBe(0);
      expect(adapted.bytes).toBeLessThan(plain.bytes);
      expect(adapted.latencySeconds).toBeLessThan(plain.latencySeconds);
    }
  });

  it('crosses in half precision, and leaves all the same, where calibration has too few samples for fewer bits', async () => {
    const own = recorded(799);
    const policy = await adaptivePolicy(own);
    expect([policy.crossing, policy.calibrated.online.fewerBits]).toEqual([16, []]);
    const decider = deciderFor('centres', policy);
    if (decider === null) throw new Error('there are no centres');
    const stream = streamOf(own.judged, 'by-time', 'high');
    const played = playStream(stream, decider, setting(own), policy.crossing);
    expect(played.exitShare).toBeGreaterThan(0.9);
    expect([...played.bits.keys()]).toEqual([16]);
    expect(played.bytes).toBeCloseTo((1 - played.exitShare) * setting(own).bytes[16], 6);
    expect([played.loss.lost, played.namedShare]).toEqual([0, 1]);
  });

  it('counts what repeating loses: every answer that is not the one before', async () => {
    const own = recorded();
    const decider = deciderFor('repeat 2 of 3', await adaptivePolicy(own));
    if (decider === null) throw new Error('repeating needs no calibration');
    const stream = streamOf(own.judged, 'by-time', 'high');
    const played = playStream(stream, decider, setting(own), 4);
    const changed = stream.filter(({ label }, at) => at % 3 !== 0 && label !== stream[at - (at % 3)]?.label);
    expect(played.loss.lost).toBe(changed.length);
    expect(played.exitShare).toBeCloseTo(2 / 3, 2);
  });
});
