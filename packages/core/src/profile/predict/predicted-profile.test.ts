import { describe, expect, it } from 'vitest';
import { exampleCluster } from '../../cluster/example-cluster.ts';
import { graphOf } from '../../graph/graph-of.ts';
import { bytes, hertz, seconds } from '../../units.ts';
import { zooModel } from '../../zoo/zoo.ts';
import { stageSeconds } from '../stage-seconds.ts';
import { predictableTraits, predictedProfile } from './predicted-profile.ts';
import { segmentWork } from './segment-work.ts';
import { shippedPredictor } from './shipped-predictor.ts';
import { trainedSeconds } from './trained-predictor.ts';

const graph = graphOf(zooModel('mobilenet-v2', { batch: 1 }));
const all = graph.nodes.map(({ id }) => id);
const plain = exampleCluster();
const [pi, server] = plain.devices;
if (pi === undefined || server === undefined) throw new Error('the example has two devices');
const described = {
  ...pi,
  frequencies: { kind: 'levels', levelsHertz: [hertz(6e8), hertz(1.5e9)] },
  microarchitecture: { simdBits: 128, fmaUnits: 1, level2Bytes: bytes(2 ** 20) },
} as const;
const cluster = { ...plain, devices: [described, server] };
const { trained, provenance } = shippedPredictor;
const profile = predictedProfile(graph, cluster, trained);

describe('predictableTraits', () => {
  it('computes the peak from clock and vectors', () => {
    expect(predictableTraits(described)?.flopsPerSecond).toBe(1.5e9 * 8);
  });

  it.each([
    ['says nothing of itself', pi],
    ['states no clock', { ...pi, microarchitecture: described.microarchitecture }],
    ['states no vectors', { ...described, microarchitecture: { level2Bytes: bytes(2 ** 20) } }],
    ['is no processor', { ...described, kind: 'gpu' as const }],
  ])('are none for a device that %s', (_, device) => {
    expect(predictableTraits(device)).toBeNull();
  });
});

describe('predictedProfile', () => {
  it('gives every node of a described device a time, and the others none', () => {
    expect(profile.rows.map(({ device, source }) => `${device} ${source}`)).toEqual(
      graph.nodes.map(() => 'pi predicted'),
    );
  });

  it('adds up to what the whole network is foretold to take', () => {
    const traits = predictableTraits(described);
    if (traits === null) throw new Error('the device is described');
    const whole = trainedSeconds(trained, { work: segmentWork(graph, all), device: traits });
    const sum = profile.rows.reduce((total, row) => total + row.seconds, 0);
    expect(sum / whole).toBeCloseTo(1, 9);
    const loaded = predictedProfile(graph, { ...cluster, devices: [{ ...described, load: 2 }] }, trained);
    expect(loaded.rows.reduce((total, row) => total + row.seconds, 0) / sum).toBeCloseTo(2, 9);
  });

  it('is what stages are priced by', () => {
    const { seconds: time, source } = stageSeconds(profile, described, graph, all);
    expect(source).toBe('predicted');
    const sum = profile.rows.reduce((total, row) => total + row.seconds, 0);
    expect(time).toBeCloseTo(sum, 9);
    expect(stageSeconds(profile, server, graph, all).source).toBe('roofline');
  });

  it('leaves a device alone that was measured', () => {
    const row = {
      node: graph.nodes[0]?.name ?? '',
      device: 'pi',
      seconds: seconds(1),
      source: 'measured',
    } as const;
    expect(predictedProfile(graph, cluster, trained, { rows: [row] }).rows).toEqual([row]);
  });
});

describe('shippedPredictor', () => {
  it('says where it comes from and beats the roofline on devices that it had not seen', () => {
    expect(provenance.sources.length).toBeGreaterThan(0);
    expect(provenance.heldOut.devices).toBeGreaterThan(50);
    expect(provenance.heldOut.medianErrorShare).toBeLessThan(provenance.heldOut.rooflineMedianErrorShare);
    expect(provenance.heldOut.p90Factor).toBeGreaterThan(provenance.heldOut.medianFactor);
  });

  it('foretells a faster device to be faster', () => {
    const fast = { ...described, frequencies: { kind: 'levels', levelsHertz: [hertz(2.9e9)] } } as const;
    const total = (device: typeof described | typeof fast): number =>
      predictedProfile(graph, { ...cluster, devices: [device] }, trained).rows.reduce(
        (sum, row) => sum + row.seconds,
        0,
      );
    expect(total(fast)).toBeLessThan(total(described));
  });
});
