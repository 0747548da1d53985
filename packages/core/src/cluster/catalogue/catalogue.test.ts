import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../errors.ts';
import { parseCluster } from '../parse-cluster.ts';
import type { CatalogueDevice } from './catalogue-device.ts';
import { catalogueDevices } from './catalogue-devices.ts';
import { catalogueLinks } from './catalogue-links.ts';
import { catalogueDevice, catalogueEntry, catalogueLink } from './find-in-catalogue.ts';
import type { Sourced } from './sourced.ts';

const devices = Object.entries(catalogueDevices);
const rateless = devices
  .filter(([, { figures }]) => figures.flopsPerSecond === undefined)
  .map(([name]) => name);

describe.each(devices)('%s', (name, entry: CatalogueDevice) => {
  it('names the source of every figure', () => {
    const figures: readonly Sourced<unknown>[] = Object.values(entry.figures);
    for (const { source } of figures) expect(source.length).toBeGreaterThan(10);
    expect(name).toMatch(/^[a-z0-9-]+$/);
  });

  it('sustains no more than its peaks', () => {
    const { flopsPerSecond, peakFlopsPerSecond, memoryBytesPerSecond, peakMemoryBytesPerSecond } =
      entry.figures;
    const most = Number.POSITIVE_INFINITY;
    expect(flopsPerSecond?.value ?? 0).toBeLessThanOrEqual(peakFlopsPerSecond?.value ?? most);
    expect(memoryBytesPerSecond?.value ?? 0).toBeLessThanOrEqual(peakMemoryBytesPerSecond?.value ?? most);
    const { power, peakWatts } = entry.figures;
    if (power?.value.kind === 'law' && peakWatts !== undefined)
      expect(power.value.staticWatts + power.value.dynamicWattsAtMaximum).toBeCloseTo(peakWatts.value, 9);
  });

  it('can be named in a cluster, with the rates that nobody published', () => {
    const { figures } = entry;
    const stated = {
      ...(figures.flopsPerSecond === undefined ? { gigaflopsPerSecond: 1 } : {}),
      ...(figures.memoryBytesPerSecond === undefined ? { memoryGigabytesPerSecond: 1 } : {}),
    };
    const [device] = parseCluster({
      hosts: [{ id: 'host', memoryGigabytes: 100 }],
      devices: [{ id: 'it', host: 'host', like: name, ...stated }],
    }).devices;
    expect(device?.kind).toBe(entry.kind);
    expect(device?.flopsPerSecond).toBe(figures.flopsPerSecond?.value ?? 1e9);
    expect(device?.memoryBytes).toBe(figures.memoryBytes?.value ?? 100e9);
  });
});

describe('the catalogue', () => {
  it('has no fp32 rate of accelerators for integers, and one of everything else', () => {
    expect(rateless).toEqual(['movidius-myriad-x', 'google-edge-tpu']);
  });

  it('gives the peaks that the makers print', () => {
    const printed = {
      'jetson-nano': 472 / 2,
      'jetson-tx2': 1330 / 2,
      'gtx-1080': 8873,
      'tesla-p100': 10_600,
      'rtx-a6000': 38_710,
    };
    for (const [name, gigaflops] of Object.entries(printed)) {
      const peak = catalogueDevice(name).figures.peakFlopsPerSecond?.value ?? 0;
      expect(peak / (gigaflops * 1e9)).toBeCloseTo(1, 2);
    }
  });

  it('finds by name, and names the nearest otherwise', () => {
    expect(catalogueDevice('jetson-tx2').title).toContain('TX2');
    expect(catalogueLink('5g').megabitsPerSecond.value).toBe(52.24);
    expect(() => catalogueDevice('jetson-tx1')).toThrow(InvalidInputError);
    expect(() => catalogueDevice('jetson-tx1')).toThrow(/did you mean 'jetson-tx2'\?/);
    expect(() => catalogueLink('__proto__')).toThrow(/expected one of 3g, 4g, 5g, wifi\./);
    expect(catalogueEntry('wifi').kind).toBe('link');
    expect(catalogueEntry('rtx-a6000').kind).toBe('device');
    expect(() => catalogueEntry('wlan')).toThrow(/the device or link is 'wlan', .* 5g, wifi\./);
    expect(Object.values(catalogueLinks).every(({ megabitsPerSecond }) => megabitsPerSecond.value > 0)).toBe(
      true,
    );
  });
});
