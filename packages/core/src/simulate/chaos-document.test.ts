import { describe, expect, it } from 'vitest';
import { parseChaos } from './chaos-document.ts';

const least = { model: 'zoo:cifar-resnet-8', faults: [] };

describe('parseChaos', () => {
  it('needs a model and what happens', () => {
    expect(parseChaos(least)).toMatchObject({ devices: 3, stages: 3, requests: 500, window: 8, seed: 1 });
    expect(() => parseChaos({})).toThrow(/model[^]*faults/);
  });

  it('draws one device where none is named', () => {
    const faults = [
      { kind: 'kill' },
      { kind: 'corrupt', devices: ['d1', 'd2'], forSeconds: 0 },
      { kind: 'gateway-kill' },
      { kind: 'clock-jump', jumpSeconds: -60 },
    ];
    expect(parseChaos({ ...least, faults }).faults).toMatchObject([
      { kind: 'kill', devices: null, together: 1, times: 1, forSeconds: 0.5, jumpSeconds: 3600 },
      { kind: 'corrupt', devices: ['d1', 'd2'], together: 2, forSeconds: 0 },
      { kind: 'gateway-kill', devices: null, together: 0 },
      { kind: 'clock-jump', jumpSeconds: -60 },
    ]);
  });

  it.each([
    [{ faults: [{ kind: 'rust' }] }, /kind/],
    [{ faults: [{ kind: 'kill', devices: ['d9'] }] }, /no device d9, expected some of d1, d2, d3/],
    [{ faults: [{ kind: 'gateway-kill', devices: ['d1'] }] }, /neither devices nor together/],
    [{ faults: [{ kind: 'kill', together: 3 }] }, /3 of 3 devices at once/],
    [{ stages: 4 }, /stages is 4, expected at most one a device, which are 3/],
    [{ requests: 0 }, /requests/],
    [{ surprise: 1 }, /surprise/],
  ])('refuses %j', (wrong, says) => {
    expect(() => parseChaos({ ...least, ...wrong })).toThrow(says);
  });
});
