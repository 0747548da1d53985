import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  choose,
  createRandom,
  exampleCluster,
  graphOf,
  losslessPlannerNames,
  parseCluster,
  problemOf,
  seconds,
  zooModel,
  zooNames,
} from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { summariseGraph } from '../inspect/graph-summary.ts';
import { summariseMemory } from '../inspect/memory-summary.ts';
import { explain } from '../plan/explanation.ts';
import { besidePoints } from './beside-points.ts';
import { checkChartFile, writeChart } from './chart-file.ts';
import { frontChart } from './front-chart.ts';
import { ganttChart } from './gantt-chart.ts';
import { networkChart } from './network-chart.ts';

/** What is drawn, mark by mark with the number of its shapes, and what is written. */
function structureOf(svg: string): { readonly marks: readonly string[]; readonly words: readonly string[] } {
  const marks = svg
    .split(/<g(?=[^>]* aria-label=")/)
    .slice(1)
    .map((group) => {
      const [, label = ''] = / aria-label="([^"]*)"/.exec(group) ?? [];
      return `${label} ${group.match(/<(circle|line|path|rect|text)\b/g)?.length ?? 0}`;
    });
  return { marks, words: [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, word = '']) => word) };
}

function networkOf(name: string, memoryGigabytes: number): string {
  const graph = graphOf(zooModel(name, { batch: 1 }));
  const cluster = parseCluster({
    name: 'desk',
    hosts: [{ id: 'pi', memoryGigabytes }],
    devices: [
      {
        id: 'pi',
        host: 'pi',
        kind: 'cpu',
        gigaflopsPerSecond: 8,
        memoryGigabytesPerSecond: 3,
        overheadMegabytes: 10,
      },
    ],
  });
  return networkChart(summariseGraph(graph), summariseMemory(graph, cluster));
}

async function ganttOf(name: string): Promise<string> {
  const problem = problemOf(graphOf(zooModel(name, { batch: 1 })), exampleCluster());
  const choice = await choose(problem, losslessPlannerNames, {
    problemDigest: '',
    random: createRandom(1),
    clock: { now: () => seconds(0), sleep: async () => {} },
    signal: new AbortController().signal,
  });
  return ganttChart(problem, explain(problem, choice));
}

describe('networkChart', () => {
  it('draws layers, cuts and memory of a known network', () => {
    expect(structureOf(networkOf('alexnet', 0.2))).toMatchInlineSnapshot(`
      {
        "marks": [
          "y-grid 3",
          "y-axis tick 3",
          "y-axis tick label 3",
          "x-axis tick 9",
          "x-axis tick label 9",
          "x-axis label 1",
          "rule 19",
          "dot 18",
          "rule 1",
          "text 1",
          "text 1",
          "text 1",
          "text 1",
          "text 1",
          "y-grid 6",
          "y-axis tick 6",
          "y-axis tick label 6",
          "x-axis tick 9",
          "x-axis tick label 9",
          "x-axis label 1",
          "area 1",
          "area 1",
          "rule 1",
          "text 1",
          "rule 1",
          "text 1",
          "text 1",
          "text 1",
          "text 1",
          "text 1",
          "text 1",
          "text 1",
        ],
        "words": [
          "1.00 kB",
          "10.0 kB",
          "100 kB",
          "2",
          "4",
          "6",
          "8",
          "10",
          "12",
          "14",
          "16",
          "18",
          "layer, in the order of execution →",
          "alexnet: size of each layer's output (logarithmic)",
          "■",
          "output",
          "■",
          "the model can be cut here at a single tensor",
          "0 B",
          "50.0 MB",
          "100 MB",
          "150 MB",
          "200 MB",
          "250 MB",
          "2",
          "4",
          "6",
          "8",
          "10",
          "12",
          "14",
          "16",
          "18",
          "layer, in the order of execution →",
          "pi 190 MB, overflows at classifier/fc2",
          "Memory: 244 MB of parameters, at most 1.55 MB live (features/conv1/relu)",
          "■",
          "parameters so far",
          "■",
          "live while the layer runs",
          "■",
          "room beside the runtime",
        ],
      }
    `);
  });

  it('is the same text each time', () => {
    expect(networkOf('alexnet', 0.2)).toBe(networkOf('alexnet', 0.2));
  });

  it.each(zooNames)('of %s stays inside its frame', (name) => {
    const svg = networkOf(name, 1);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="960"/);
    expect(svg).not.toContain('NaN');
    expect(svg).not.toContain('Infinity');
  });
});

describe('ganttChart', () => {
  it('draws stages and transfers on their devices and links', async () => {
    expect(structureOf(await ganttOf('mobilenet-v2'))).toMatchInlineSnapshot(`
      {
        "marks": [
          "y-axis tick label 4",
          "x-grid 10",
          "x-axis tick 10",
          "x-axis tick label 10",
          "x-axis label 1",
          "bar 6",
          "rule 1",
          "text 1",
          "text 3",
          "text 1",
          "text 1",
          "text 1",
          "text 1",
          "text 1",
          "text 1",
          "text 1",
        ],
        "words": [
          "pi",
          "pi → server",
          "server",
          "server → pi",
          "0",
          "10",
          "20",
          "30",
          "40",
          "50",
          "60",
          "70",
          "80",
          "90",
          "time since the request (ms) →",
          "59 nodes, 59.9 ms",
          "93 nodes, 9.97 ms",
          "stage4/block0/project/bn, 50.2 kB",
          "fc, 4.00 kB",
          "One request of mobilenet-v2: 93.6 ms (roofline)",
          "■",
          "computes",
          "■",
          "sends",
          "■",
          "travels (half a round trip)",
        ],
      }
    `);
  });
});

describe('frontChart', () => {
  const row = (name: string, latencySeconds: number | null, periodSeconds: number | null) => ({
    name,
    feasible: latencySeconds !== null,
    latencySeconds,
    periodSeconds,
    energyJoules: null,
    peakMemoryBytes: null,
    bytesSent: null,
    accuracyLoss: null,
    accuracySource: null,
    planningSeconds: 0,
    evaluations: 1,
    onFront: name !== 'beaten',
  });
  const chartOf = (planners: ReturnType<typeof row>[]): string =>
    frontChart('net', {
      planners,
      chosen: 'soon',
      frontFigures: ['latencySeconds', 'periodSeconds'],
      energyUnknown: null,
    });

  it('draws a point for each pair of figures, and the front of the two', () => {
    const drawn = structureOf(
      chartOf([
        row('soon', 0.1, 0.1),
        row('as-soon', 0.1, 0.1),
        row('often', 0.2, 0.05),
        row('beaten', 0.3, 0.2),
        row('none', null, null),
      ]),
    );
    expect(drawn.marks.filter((mark) => /^(line|dot)/.test(mark))).toEqual(['line 1', 'dot 3', 'dot 2']);
    expect(drawn.words).toEqual(
      expect.arrayContaining(['soon and 1 more', 'often', 'beaten', 'latency (ms) →', 'period (ms) →']),
    );
    expect(drawn.words).not.toContain('none');
  });

  it.each([
    ['nothing', []],
    ['one plan', [row('soon', 2, 1)]],
    ['plans that cost nothing', [row('soon', 0, 0)]],
  ])('draws %s', (_, planners) => {
    expect(chartOf(planners)).not.toMatch(/NaN|Infinity/);
  });
});

describe('besidePoints', () => {
  const named = (across: number, down: number, width = 50) => ({
    x: 0,
    y: 0,
    across,
    down,
    text: 'a',
    width,
  });

  it.each([
    { what: 'to the right', points: [named(50, 50)], last: { dx: 9, dy: 0, anchor: 'start' } },
    { what: 'to the left at the edge', points: [named(190, 50)], last: { dx: -9, dy: 0, anchor: 'end' } },
    {
      what: 'further up where words are on both sides',
      points: [named(130, 50), named(70, 50), named(100, 50)],
      last: { dy: -14, anchor: 'start' },
    },
    { what: 'somewhere even without room', points: [named(50, 50, 500)], last: { dx: 9, dy: 0 } },
  ])('stands $what', ({ points, last }) => {
    expect(besidePoints(points, { width: 200, height: 100 }).at(-1)).toMatchObject(last);
  });
});

describe('writeChart', () => {
  it('writes SVG and PNG by the name of the file, and refuses other kinds beforehand', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-chart-'));
    try {
      const svg = networkOf('cifar-resnet-8', 1);
      await writeChart(join(folder, 'a.svg'), svg);
      expect(await readFile(join(folder, 'a.svg'), 'utf8')).toBe(svg);
      await writeChart(join(folder, 'a.PNG'), svg);
      const png = await readFile(join(folder, 'a.PNG'));
      expect(png.subarray(1, 4).toString()).toBe('PNG');
      // The header's width and height: two pixels a unit.
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1920, 1300]);
      await expect(writeChart(join(folder, 'no', 'a.svg'), svg)).rejects.toThrow(/cannot be written/);
    } finally {
      await rm(folder, { recursive: true });
    }
    await expect(checkChartFile('a.pdf')).rejects.toThrow(/a\.pdf is of no kind that is drawn/);
    await expect(checkChartFile(undefined)).resolves.toBeUndefined();
  });
});
