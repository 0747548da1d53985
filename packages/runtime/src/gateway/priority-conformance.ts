import type { AgentEvent } from '@tandem/core';
import { type ConformanceCase, neverAborted, requireEqual, requireRejection } from '../conformance.ts';
import type { Answer } from './pending-request.ts';
import {
  expectedOutputs,
  type Pipeline,
  type PipelineSetup,
  planInputs,
  type SmallPlan,
  segmentsOf,
  smallDeployment,
  startPipeline,
} from './pipeline-harness.ts';

const signal = neverAborted();

const chain = (version: number, name: string): SmallPlan => ({
  version,
  inputs: ['x'],
  outputs: [`${name}3`],
  source: 'a',
  sink: 'a',
  stages: [
    { device: 'a', inputs: ['x'], outputs: [`${name}1`] },
    { device: 'a', inputs: [`${name}1`], outputs: [`${name}2`] },
    { device: 'a', inputs: [`${name}2`], outputs: [`${name}3`] },
  ],
});
const slow = chain(1, 'slow');
const urgent = chain(2, 'urgent');

/** What agents and gateway promise where some requests matter more than others. */
export function priorityConformance(setup: PipelineSetup): readonly ConformanceCase[] {
  return [
    {
      name: 'begins stages of the more important of two models first, in the middle of a request of the other',
      run: () => overtakes(setup),
    },
    { name: 'sheds what matters least where there is no place', run: () => sheds(setup) },
  ];
}

async function overtakes(setup: PipelineSetup): Promise<void> {
  const held = new HeldDevice(setup);
  const pipeline = await startPipeline(held.setup, slow);
  try {
    const sources = segmentsOf(urgent, setup.createSha256);
    await pipeline.gateway.deploy(
      { ...smallDeployment(urgent, sources), priority: 1 },
      new Map(sources.map((source) => [source.manifest.digest, source])),
      { signal },
    );
    const first = ask(pipeline, slow, 1);
    await held.began;
    const others = [ask(pipeline, slow, 2), ask(pipeline, urgent, 3)];
    await held.arrived(3);
    held.letGo();
    await Promise.all([first, ...others]);
    const order = ['slow1', 'urgent1', 'urgent2', 'urgent3', 'slow2', 'slow3', 'slow1', 'slow2', 'slow3'];
    requireEqual(held.runs, order, 'the order of stages');
  } finally {
    held.letGo();
    await pipeline.close();
  }
}

async function sheds(setup: PipelineSetup): Promise<void> {
  const held = new HeldDevice(setup);
  const pipeline = await startPipeline(held.setup, chain(3, 'other'));
  try {
    const sources = segmentsOf(slow, setup.createSha256);
    await pipeline.gateway.deploy(
      smallDeployment(slow, sources),
      new Map(sources.map((source) => [source.manifest.digest, source])),
      { signal, window: 1, waiting: 2 },
    );
    const ends: string[] = [];
    const noted = (name: string, seed: number, priority: number): Promise<Answer> =>
      ask(pipeline, slow, seed, priority).finally(() => ends.push(name));
    const first = noted('first', 1, 0);
    await held.began;
    const kept = noted('kept', 2, 1);
    const shed = requireShed(noted('shed', 3, 0));
    const high = noted('high', 4, 5);
    await shed;
    await requireShed(noted('refused', 5, 1), 'waited');
    pipeline.gateway.admitFrom(1);
    await requireShed(noted('late', 6, 0));
    held.letGo();
    await Promise.all([first, kept, high]);
    requireEqual(ends, ['shed', 'refused', 'late', 'first', 'high', 'kept'], 'the order of ends');
  } finally {
    held.letGo();
    await pipeline.close();
  }
}

async function ask(pipeline: Pipeline, plan: SmallPlan, seed: number, priority?: number): Promise<Answer> {
  const inputs = planInputs(plan, seed);
  const version = plan.version ?? 1;
  const importance = priority === undefined ? {} : { priority };
  const answer = await pipeline.gateway.request(inputs, { version, signal, ...importance });
  const [expected] = expectedOutputs(plan, inputs);
  requireEqual([...(answer.outputs[0]?.data ?? [])], [...(expected?.data ?? [])], `the answer of ${seed}`);
  return answer;
}

async function requireShed(work: Promise<unknown>, word = 'shed'): Promise<void> {
  const error = await requireRejection(work, ['ResourceError']);
  requireEqual(error instanceof Error && error.message.includes(word), true, `'${word}' in ${String(error)}`);
}

/** A device whose first stage does not end before it is let go. */
class HeldDevice {
  readonly setup: PipelineSetup;
  /** The first stage runs. */
  readonly began: Promise<void>;
  readonly runs: string[] = [];
  letGo: () => void = () => undefined;
  #arrivals = 0;
  #wanted: { readonly count: number; readonly resolve: () => void } | null = null;

  constructor(setup: PipelineSetup) {
    const isFree = new Promise<void>((resolve) => {
      this.letGo = resolve;
    });
    let begin: () => void = () => undefined;
    this.began = new Promise((resolve) => {
      begin = resolve;
    });
    this.setup = {
      ...setup,
      onRun: async (_device, { outputs }) => {
        this.runs.push(outputs[0]?.name ?? '');
        begin();
        await isFree;
      },
      onStep: { agent: (_device, { event }) => this.#note(event), gateway: () => undefined },
    };
  }

  /** So many tensors have come to the device since the beginning. */
  arrived(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wanted = { count, resolve };
      this.#tellArrived();
    });
  }

  #note({ kind }: AgentEvent): void {
    if (kind === 'tensor-arrived') this.#arrivals++;
    this.#tellArrived();
  }

  #tellArrived(): void {
    if (this.#wanted !== null && this.#arrivals >= this.#wanted.count) this.#wanted.resolve();
  }
}
