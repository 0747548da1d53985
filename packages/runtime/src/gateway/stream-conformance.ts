import { CancelledError, createRandom, type Random, seconds } from '@tandem/core';
import {
  type ConformanceCase,
  elapse,
  neverAborted,
  requireEqual,
  requireRejection,
  requireThat,
} from '../conformance.ts';
import { SpareBuffers } from '../spare-buffers.ts';
import type { StreamItem } from './answer-stream.ts';
import { batchConformance } from './batch-conformance.ts';
import {
  expectedOutputs,
  type PipelineSetup,
  planInputs,
  type SmallPlan,
  type SmallStage,
} from './pipeline-harness.ts';
import { ends } from './small-plans.ts';
import { chain, itemsOf, requireAnswer, within } from './stream-cases.ts';
import { traceConformance } from './trace-conformance.ts';

const signal = neverAborted();
/** What a gateway promises about many requests at once. */
export function streamConformance(setup: PipelineSetup): readonly ConformanceCase[] {
  return [
    { name: 'answers many requests in order', run: () => answersAll(setup, chain, {}) },
    { name: 'answers a window of one', run: () => answersAll(setup, chain, { window: 1 }) },
    {
      name: 'answers many requests as they come',
      run: () => answersAll(setup, chain, { window: 40, ordered: false }),
    },
    { name: 'waits for a slow branch and loses nothing', run: () => answersBehindSlowBranch(setup) },
    { name: 'shares the tickets of a stage among its replicas', run: () => sharesTickets(setup) },
    { name: 'uses buffers again and mixes up no requests', run: () => reusesBuffers(setup) },
    { name: 'overlaps requests across stages', run: () => overlaps(setup) },
    { name: 'stops the source when the client stops, and nothing else', run: () => stopsSource(setup) },
    { name: 'gives up all of a stream that is left', run: () => leavesStream(setup) },
    { name: 'ends with what the source throws, after the results', run: () => passesSourceError(setup) },
    { name: 'cancels one request of a stream alone', run: () => cancelsOne(setup) },
    { name: 'fails one request at its deadline alone', run: () => expiresOne(setup) },
    { name: 'fails one request whose stage fails alone', run: () => failsOne(setup) },
    { name: 'refuses a window of nothing', run: () => refusesWindow(setup) },
    ...traceConformance(setup),
    ...batchConformance(setup),
  ];
}

/** Tensors large enough for their buffers to be kept, one of which goes to two devices. */
async function reusesBuffers(setup: PipelineSetup): Promise<void> {
  const { spare = new SpareBuffers() } = setup;
  await answersAll({ ...setup, spare }, { ...chain, queue: 2, elements: 70_000 }, {}, 12);
}

/** Random plans over at most four devices, with room for one tensor everywhere. */
function randomPlan(random: Random): SmallPlan {
  const devices = ['a', 'b', 'c', 'd'].slice(0, 1 + random.integer(4));
  const any = <Value>(values: readonly Value[]): Value => values[random.integer(values.length)] as Value;
  const tensors = ['x'];
  const stages: SmallStage[] = [];
  for (let stage = 0, count = 1 + random.integer(7); stage < count; stage++) {
    // The tensor before, so that nothing is left aside for long, and any others.
    const read = [tensors.at(-1) ?? 'x', ...Array.from({ length: random.integer(3) }, () => any(tensors))];
    const outputs = Array.from({ length: 1 + random.integer(2) }, (_, index) => `t${stage}.${index}`);
    const replicas = devices.filter(() => random.integer(4) === 0).slice(0, 2);
    const device = any(devices);
    stages.push({
      device,
      replicas: replicas.filter((other) => other !== device),
      inputs: [...new Set(read)],
      outputs,
    });
    tensors.push(...outputs.toReversed());
  }
  const outputs = [...new Set([tensors.at(-1) ?? 'x', any(tensors.slice(1))])];
  return { ...ends, outputs, source: any(devices), sink: any(devices), queue: 1, stages };
}

/** Answers a stream over a random plan whose stages take random times; every answer is right and in its place. */
export async function answersRandomPlan(setup: PipelineSetup, seed: number): Promise<void> {
  const random = createRandom(seed);
  const plan = randomPlan(random);
  const slow = plan.stages[random.integer(plan.stages.length)]?.device;
  const onRun = async (device: string): Promise<void> => {
    if (device === slow || random.integer(4) === 0) await elapse(random.integer(3));
  };
  await answersAll({ ...setup, onRun }, plan, { window: 1 + random.integer(12) }, 12);
}

async function answersAll(
  setup: PipelineSetup,
  plan: SmallPlan,
  options: { readonly window?: number; readonly ordered?: boolean },
  count = 60,
): Promise<void> {
  await within(setup, plan, async ({ gateway }) => {
    const indices: number[] = [];
    for await (const result of gateway.stream(itemsOf(plan, count), { ...options, signal })) {
      requireAnswer(plan, result);
      indices.push(result.index);
    }
    const inOrder = Array.from({ length: count }, (_, index) => index);
    const got = options.ordered === false ? indices.toSorted((left, right) => left - right) : indices;
    requireEqual(got, inOrder, 'results');
  });
}

async function answersBehindSlowBranch(setup: PipelineSetup): Promise<void> {
  const onRun = (device: string): Promise<void> | void => (device === 'c' ? elapse(5) : undefined);
  await answersAll({ ...setup, onRun }, chain, { window: 12 }, 24);
}

/** The middle stage runs on three devices, two of which have the first and the last as well. */
const shared: SmallPlan = {
  ...ends,
  queue: 1,
  stages: [
    { device: 'a', replicas: ['b'], inputs: ['x'], outputs: ['h', 'k'] },
    { device: 'b', replicas: ['c', 'a'], inputs: ['h'], outputs: ['i'] },
    { device: 'a', inputs: ['i', 'k'], outputs: ['y'] },
  ],
};

async function sharesTickets(setup: PipelineSetup): Promise<void> {
  await answersAll(setup, shared, { window: 10 }, 36);
  await within({ ...setup, traced: true }, shared, async ({ gateway }) => {
    for await (const result of gateway.stream(itemsOf(shared, 12), { window: 6, signal })) {
      requireAnswer(shared, result);
      const ran = result.answer?.stages.map(({ stage, device }) => `${stage} ${device}`);
      const expected = [`0 ${'ab'[result.index % 2]}`, `1 ${'bca'[result.index % 3]}`, '2 a'];
      requireEqual(ran?.toSorted(), expected, `where request ${result.index} ran`);
    }
    const { header } = await gateway.trace(signal);
    requireEqual(header.plans[0]?.stages[1]?.devices.toSorted(), ['a', 'b', 'c'], 'replicas in the trace');
  });
}

/** While b works for one request, a begins the next. */
async function overlaps(setup: PipelineSetup): Promise<void> {
  const log: string[] = [];
  const onRun = async (device: string): Promise<void> => {
    log.push(`${device} begins`);
    await elapse(10);
    log.push(`${device} ends`);
  };
  const plan: SmallPlan = {
    ...ends,
    stages: [
      { device: 'a', inputs: ['x'], outputs: ['h'] },
      { device: 'b', inputs: ['h'], outputs: ['y'] },
    ],
  };
  await answersAll({ ...setup, onRun }, plan, { window: 4 }, 6);
  const first = log.indexOf('b begins');
  requireThat(log.indexOf('a begins', first) < log.indexOf('b ends', first), 'a and b never work at once');
}

async function stopsSource(setup: PipelineSetup): Promise<void> {
  await within(setup, chain, async ({ gateway }) => {
    let asked = 0;
    function* source(): Generator<StreamItem> {
      for (const item of itemsOf(chain, 40)) {
        asked++;
        yield item;
      }
    }
    const results = gateway.stream(source(), { window: 5, signal });
    for (const index of [0, 1, 2]) {
      const { value } = await results.next();
      requireEqual(value?.index, index, 'the next result');
    }
    await elapse(50);
    requireThat(asked <= 8, `${asked} items were taken, expected 3 results and a window of 5`);
    const { outputs } = await gateway.request(planInputs(chain, 9), { signal });
    requireEqual(
      outputs.length,
      expectedOutputs(chain, planInputs(chain, 9)).length,
      'outputs of another client',
    );
    let taken = 3;
    for await (const result of results) {
      requireAnswer(chain, result);
      taken++;
    }
    requireEqual(taken, 40, 'results in the end');
  });
}

async function leavesStream(setup: PipelineSetup): Promise<void> {
  await within(setup, chain, async ({ gateway }) => {
    for await (const { index } of gateway.stream(itemsOf(chain, 1000), { window: 8, signal }))
      if (index === 10) break;
    const leaving = new AbortController();
    const stream = gateway.stream(itemsOf(chain, 1000), { window: 8, signal: leaving.signal });
    await stream.next();
    leaving.abort(new CancelledError('not wanted any more', 'Nothing to do.'));
    await requireRejection(stream.next(), ['CancelledError']);
    await gateway.request(planInputs(chain, 1), { signal, timeoutSeconds: seconds(10) });
  });
}

async function passesSourceError(setup: PipelineSetup): Promise<void> {
  await within(setup, chain, async ({ gateway }) => {
    async function* source(): AsyncGenerator<StreamItem> {
      yield* itemsOf(chain, 2);
      throw new CancelledError('the source broke', 'Mend it.');
    }
    const stream = gateway.stream(source(), { signal });
    for (const index of [0, 1]) requireEqual((await stream.next()).value?.index, index, 'the next result');
    await requireRejection(stream.next(), ['CancelledError']);
  });
}

async function onlyThird(
  setup: PipelineSetup,
  change: (item: StreamItem) => StreamItem,
  name: string,
): Promise<void> {
  await within(setup, chain, async ({ gateway }) => {
    const items = itemsOf(chain, 8).map((item, index) => (index === 2 ? change(item) : item));
    for await (const result of gateway.stream(items, { window: 4, signal })) {
      if (result.index === 2) requireEqual(result.error?.name, name, 'how the third ends');
      else requireAnswer(chain, result);
    }
    await gateway.request(planInputs(chain, 1), { signal, timeoutSeconds: seconds(10) });
  });
}

async function cancelsOne(setup: PipelineSetup): Promise<void> {
  const leaving = new AbortController();
  const onRun = async (): Promise<void> => {
    await elapse(3);
    leaving.abort(new CancelledError('not wanted any more', 'Nothing to do.'));
  };
  await onlyThird({ ...setup, onRun }, (item) => ({ ...item, signal: leaving.signal }), 'CancelledError');
}

async function expiresOne(setup: PipelineSetup): Promise<void> {
  const onRun = (): Promise<void> => elapse(5);
  await onlyThird(
    { ...setup, onRun },
    (item) => ({ ...item, timeoutSeconds: seconds(0.004) }),
    'DeadlineError',
  );
}

async function failsOne(setup: PipelineSetup): Promise<void> {
  let runs = 0;
  const onRun = (device: string): void => {
    if (device === 'b' && ++runs === 3) throw new CancelledError('the stage failed', 'Try again.');
  };
  await onlyThird({ ...setup, onRun }, (item) => item, 'CancelledError');
}

async function refusesWindow(setup: PipelineSetup): Promise<void> {
  await within(setup, chain, async ({ gateway }) => {
    const start = async (): Promise<unknown> => gateway.stream([], { window: 0, signal });
    await requireRejection(start(), ['InvalidInputError']);
  });
}
