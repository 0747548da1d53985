import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { evaluate, graphOf, readTrace } from '@tandem/core';
import { loadModel } from '@tandem/node';
import type { Bench, BenchContext, BenchResult } from '../bench.ts';
import { withScratch } from '../models/scratch.ts';
import {
  bottleneckOf,
  idleShare,
  loadSecondsFor,
  measureResource,
  steadyRate,
} from '../pipeline/bottleneck.ts';
import { eachCase } from '../pipeline/each-case.ts';
import { type Lab, withLab } from '../pipeline/lab.ts';
import { disbelief, imitatedPaces, mostCores, realCores } from '../pipeline/lab-check.ts';
import { stagedPlan } from '../pipeline/staged-plan.ts';

const folder = fileURLToPath(new URL('../pipeline/throughput/', import.meta.url));

/** Streams through stages on unequal imitated devices over shaped links, against what their slowest part takes. */
export const pipelines: Bench = {
  title:
    'Throughput of pipelines of two, three and four stages against 1 / their bottleneck, bound by the device, the link and the server.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const found = await eachCase(folder, context, ({ path }) => withLab(path, context.signal, measure));
    return { ...found, remarks: [...about, ...found.remarks] };
  },
};

const about = [
  'Each stage is an agent process in a network namespace of its own; links are shaped (tbf). A device is imitated: it runs its real stage and holds the answer until a multiple of what one core takes alone; a server without a multiple is one core of this machine.',
  'Throughput: answers a second after the first tenth, as many requests in flight as the case says. Its ratio is to 1 / the bottleneck, measured with all other stages at work at the same pace on inputs of their own; measured alone: in brackets. Target: 0.95.',
  'The time of a stage is what its device is taken by a request (holding included), of a link what the tensor takes at the rate of a stream that fills it.',
  'Idle: the share of the time, from a tenth of its requests on, in which the bottleneck had nothing to do, by the trace. Target: at most 5 %.',
  `A run counts only if its devices really computed with at most ${mostCores} cores in sum, no stage took longer than its device, and every answer is that of a request alone.`,
];

async function measure(lab: Lab): Promise<BenchResult> {
  const { own, calibration } = lab;
  const loaded = await loadModel(own.model);
  const staged = stagedPlan(graphOf(loaded.model, { batch: 1 }), own, calibration);
  await loaded.close();
  const bottleneck = bottleneckOf(staged);
  const { aloneSeconds, loadedSeconds } = await measureResource(lab, bottleneck, loadSecondsFor(bottleneck));
  return await withScratch(async (scratch) => {
    const run = await lab.run(join(scratch, 'trace'));
    const doubt = disbelief(run, imitatedPaces(own, evaluate(staged.problem, staged.plan)));
    if (doubt !== null) return { rows: [], remarks: [`NOT BELIEVED ${own.name}: ${doubt}.`] };
    const trace = readTrace((await readFile(join(scratch, 'trace'), 'utf8')).split('\n').filter(Boolean));
    const rate = steadyRate(trace);
    const hosts = own.stages.map(({ host }) => host);
    const where = `${bottleneck.by} ${bottleneck.by === 'stage' ? '' : 'behind '}${hosts[bottleneck.at] ?? ''}`;
    const times = `${where}: ${ms(loadedSeconds)} loaded (${ms(aloneSeconds)} alone)`;
    const ratio = rate * loadedSeconds;
    const idle = 100 * idleShare(trace, bottleneck, hosts);
    return {
      rows: [
        { case: `${own.name}: throughput`, value: rate, unit: '1/s', ratio, ratioTo: `1 / ${times}` },
        { case: `${own.name}: bottleneck idle`, value: idle, unit: '%' },
        { case: `${own.name}: computed`, value: realCores(run), unit: 'cores' },
      ],
      remarks: faultsOf(lab, bottleneck.by, bottleneck.at),
    };
  });
}

/** A case whose bottleneck is elsewhere than it says shows nothing of what it is for. */
function faultsOf({ own }: Lab, by: 'stage' | 'link', at: number): string[] {
  const { bound } = own;
  if (bound === undefined || (at === bound.at && (bound.by === 'link') === (by === 'link'))) return [];
  return [`${own.name}: the bottleneck was ${by} ${at}, expected the ${bound.by} at ${bound.at}.`];
}

const ms = (value: number): string => `${(1000 * value).toPrecision(3)} ms`;
