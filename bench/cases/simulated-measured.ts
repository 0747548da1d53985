import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  evaluate,
  graphOf,
  type Metrics,
  metricsOf,
  readTrace,
  scenarioOf,
  seconds,
  simulate,
} from '@tandem/core';
import { loadModel } from '@tandem/node';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { withScratch } from '../models/scratch.ts';
import { plannedArrivals } from '../pipeline/arrivals.ts';
import { eachCase } from '../pipeline/each-case.ts';
import { type Lab, type LabRun, withLab } from '../pipeline/lab.ts';
import { disbelief, imitatedPaces, mostCores, realCores } from '../pipeline/lab-check.ts';
import { type StagedPlan, stagedPlan } from '../pipeline/staged-plan.ts';
import { hasTraces } from '../testbed/trace-follower.ts';

const folder = fileURLToPath(new URL('../pipeline/arriving/', import.meta.url));

const figures = [
  { name: 'throughput', unit: '1/s', of: (metrics: Metrics) => metrics.requestsPerSecond },
  { name: 'p50 latency', unit: 's', of: (metrics: Metrics) => metrics.latencySeconds?.p50 },
  { name: 'p95 latency', unit: 's', of: (metrics: Metrics) => metrics.latencySeconds?.p95 },
] as const;

/** The simulator's word for a run, given what was measured before it, against the run. */
export const simulatedMeasured: Bench = {
  title:
    'Throughput and latencies that the simulator predicts against those of runs on the testbed, one under a recording of 4G.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const { rows, remarks } = await eachCase(folder, context, async ({ own, path }) =>
      hasTraces(own.scenario)
        ? await withLab(path, context.signal, compare)
        : { rows: [], remarks: [`SKIPPED ${own.name}: there is no recording.`] },
    );
    return { rows: [...errorRows(rows), ...rows], remarks: [...about, ...remarks] };
  },
};

const about = [
  'Value: measured on the testbed, from the trace of the run. Ratio: simulated / measured. The error is the mean over runs of |simulated − measured| / measured. Target: at most 10 %.',
  'The simulator is given the times of the stages, measured alone on one core and multiplied as the imitated device is, the links as the agents measured them before the run when asked, as `tandem probe` does (of a recording: the share of the nominal rate that was measured, times the recording), the arrivals as they were planned, and the gateway’s window; nothing of the run but when it began.',
  `A run counts only if its devices really computed with at most ${mostCores} cores in sum, no stage took longer than its device, and every answer is that of a request alone.`,
];

async function compare(lab: Lab): Promise<BenchResult> {
  const { own } = lab;
  const loaded = await loadModel(own.model);
  const staged = stagedPlan(graphOf(loaded.model, { batch: 1 }), own, lab.calibration);
  await loaded.close();
  return await withScratch(async (scratch) => {
    const path = join(scratch, 'trace');
    const run = await lab.run(path);
    const doubt = disbelief(run, imitatedPaces(own, evaluate(staged.problem, staged.plan)));
    if (doubt !== null) return { rows: [], remarks: [`NOT BELIEVED ${own.name}: ${doubt}.`] };
    const trace = readTrace((await readFile(path, 'utf8')).split('\n').filter(Boolean));
    const [measured, simulated] = [metricsOf(trace), metricsOf(simulationOf(lab, staged, run))];
    return { rows: rowsOf(own.name, measured, simulated), remarks: [remarkOf(own.name, run)] };
  });
}

/** The case as planned; a recording goes on from where it was when the first request came. */
function simulationOf({ own }: Lab, { problem, plan }: StagedPlan, run: LabRun): ReturnType<typeof simulate> {
  const offset = run.recordingSeconds === null ? 0 : run.startSeconds - run.recordingSeconds;
  const atSeconds = plannedArrivals(own).map((time) => seconds(offset + time));
  const arrivals = { kind: 'trace', atSeconds } as const;
  return simulate(scenarioOf(problem, plan, { arrivals, window: own.window, waiting: own.requests }));
}

function rowsOf(name: string, measured: Metrics, simulated: Metrics): BenchRow[] {
  return figures.map(({ name: figure, unit, of }) => {
    const [real, predicted] = [of(measured) ?? Number.NaN, of(simulated) ?? Number.NaN];
    return {
      case: `${name}: ${figure}`,
      value: real,
      unit,
      ratio: predicted / real,
      ratioTo: `simulated ${predicted.toPrecision(4)}`,
    };
  });
}

function errorRows(rows: readonly BenchRow[]): BenchRow[] {
  return figures.flatMap(({ name }) => {
    const errors = rows
      .filter((row) => row.case.endsWith(`: ${name}`))
      .map(({ ratio }) => Math.abs((ratio ?? Number.NaN) - 1));
    if (errors.length === 0) return [];
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    return [
      { case: `error of ${name}`, value: 100 * mean, unit: '%' },
      { case: `error of ${name}, worst run`, value: 100 * Math.max(...errors), unit: '%' },
    ];
  });
}

const remarkOf = (name: string, run: LabRun): string =>
  `${name}: ${run.answered} requests; really computed with ${realCores(run).toFixed(2)} cores${
    run.recordingSeconds === null
      ? ''
      : `; links changed their rate at most ${(1000 * run.latestChangeSeconds).toFixed(0)} ms late`
  }.`;
