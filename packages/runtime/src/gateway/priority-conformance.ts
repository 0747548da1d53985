import type { AgentEvent } from '@tandem/core';
import { type ConformanceCase, neverAborted, requireEqual, requireRejection } from '../conformance.ts';
import { segmentsByDigest } from '../segment/segment-sources.ts';
import type { Answer } from './pending-request.ts';
import {
  expectedOutputs,
  type Pipeline,
  type PipelineSetup,
  planInputs,
  type SmallPlan,
  segmentsOf,
  smallDeployment,
} from './pipeline-harness.ts';
import { type Held, held, signalled, within } from './stream-cases.ts';

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
  await withHeld(setup, slow, async (device, pipeline) => {
    const sources = segmentsOf(urgent, setup.createSha256);
    const deployment = { ...smallDeployment(urgent, sources), priority: 1 };
    await pipeline.gateway.deploy(deployment, segmentsByDigest(sources), { signal });
    const first = ask(pipeline, slow, 1);
    await device.began;
    const others = [ask(pipeline, slow, 2), ask(pipeline, urgent, 3)];
    await device.arrived(3);
    device.letGo();
    await Promise.all([first, ...others]);
    const order = ['slow1', 'urgent1', 'urgent2', 'urgent3', 'slow2', 'slow3', 'slow1', 'slow2', 'slow3'];
    requireEqual(device.runs, order, 'the order of stages');
  });
}

async function sheds(setup: PipelineSetup): Promise<void> {
  await withHeld(setup, chain(3, 'other'), async (device, pipeline) => {
    const sources = segmentsOf(slow, setup.createSha256);
    const admission = { window: 1, waiting: 2 };
    await pipeline.gateway.deploy(smallDeployment(slow, sources), segmentsByDigest(sources), {
      signal,
      ...admission,
    });
    const ends: string[] = [];
    const noted = (name: string, seed: number, priority: number): Promise<Answer> =>
      ask(pipeline, slow, seed, priority).finally(() => ends.push(name));
    const first = noted('first', 1, 0);
    await device.began;
    const kept = noted('kept', 2, 1);
    const shed = requireShed(noted('shed', 3, 0));
    const high = noted('high', 4, 5);
    await shed;
    await requireShed(noted('refused', 5, 1), 'waited');
    pipeline.gateway.admitFrom(1);
    await requireShed(noted('late', 6, 0));
    device.letGo();
    await Promise.all([first, kept, high]);
    requireEqual(ends, ['shed', 'refused', 'late', 'first', 'high', 'kept'], 'the order of ends');
  });
}

/** `within` a pipeline whose devices are held, and let go at the end. */
async function withHeld(
  setup: PipelineSetup,
  plan: SmallPlan,
  body: (device: HeldDevice, pipeline: Pipeline) => Promise<void>,
): Promise<void> {
  const device = new HeldDevice(setup);
  await within(device.setup, plan, async (pipeline) => {
    try {
      await body(device, pipeline);
    } finally {
      device.letGo();
    }
  });
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

/** A held device, and what it ran and was sent. */
class HeldDevice {
  readonly setup: PipelineSetup;
  readonly #held: Held = held('a');
  readonly began: Promise<void> = this.#held.began;
  readonly letGo: () => void = this.#held.letGo;
  readonly runs: string[] = [];
  #arrivals = 0;
  #wanted = 0;
  readonly #enough = signalled();

  constructor(setup: PipelineSetup) {
    this.setup = {
      ...setup,
      onRun: async (device, { outputs }) => {
        this.runs.push(outputs[0]?.name ?? '');
        await this.#held.onRun(device);
      },
      onStep: { agent: (_device, { event }) => this.#note(event), gateway: () => undefined },
    };
  }

  /** So many tensors have come to the device since the beginning; asked once. */
  arrived(count: number): Promise<void> {
    this.#wanted = count;
    this.#look();
    return this.#enough.gone;
  }

  #note({ kind }: AgentEvent): void {
    if (kind === 'tensor-arrived') this.#arrivals++;
    this.#look();
  }

  #look(): void {
    if (this.#wanted > 0 && this.#arrivals >= this.#wanted) this.#enough.go();
  }
}
