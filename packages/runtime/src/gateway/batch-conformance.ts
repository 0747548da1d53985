import { CancelledError, seconds } from '@tandem/core';
import {
  type ConformanceCase,
  neverAborted,
  requireEqual,
  requireRejection,
  requireThat,
} from '../conformance.ts';
import { type PipelineSetup, planInputs, type SmallPlan } from './pipeline-harness.ts';
import { ends } from './small-plans.ts';
import { held, itemsOf, requireAnswer, within } from './stream-cases.ts';

const signal = neverAborted();

/** Three requests together at b, each one row. */
const together: SmallPlan = {
  ...ends,
  elements: 1,
  queue: 6,
  stages: [
    { device: 'a', inputs: ['x'], outputs: ['h', 'k'] },
    {
      device: 'b',
      inputs: ['h', 'k'],
      outputs: ['i'],
      batch: { requests: 3, waitSeconds: seconds(10), restSeconds: seconds(0), paceSeconds: null },
    },
    { device: 'a', inputs: ['i', 'k'], outputs: ['y'] },
  ],
};

/** What agents promise of requests that one run of a stage serves. */
export function batchConformance(setup: PipelineSetup): readonly ConformanceCase[] {
  return [
    { name: 'runs requests together, and gives each its own answer', run: () => runsTogether(setup) },
    { name: 'answers the others of a batch whose one is cancelled', run: () => survivesCancelling(setup) },
    { name: 'fails the requests of a batch that fails, then answers', run: () => survivesFailure(setup) },
  ];
}

async function runsTogether(setup: PipelineSetup): Promise<void> {
  let runs = 0;
  const onRun = (device: string): void => {
    if (device === 'b') runs++;
  };
  await within({ ...setup, onRun }, together, async ({ gateway }) => {
    for await (const result of gateway.stream(itemsOf(together, 9), { signal }))
      requireAnswer(together, result);
    requireEqual(runs, 3, 'runs of nine requests');
  });
}

async function survivesCancelling(setup: PipelineSetup): Promise<void> {
  const { began, letGo, onRun } = held('b');
  await within({ ...setup, onRun }, together, async ({ gateway }) => {
    const leaving = new AbortController();
    const requests = [0, 1, 2].map((index) =>
      gateway.request(planInputs(together, index), { signal: index === 1 ? leaving.signal : signal }),
    );
    const [first, cancelled, last] = requests;
    await began;
    leaving.abort(new CancelledError('not wanted any more', 'Nothing to do.'));
    await requireRejection(cancelled ?? Promise.resolve(), ['CancelledError']);
    letGo();
    for (const [index, answer] of [await first, null, await last].entries())
      if (answer) requireAnswer(together, { index, answer, error: null });
  });
}

async function survivesFailure(setup: PipelineSetup): Promise<void> {
  let failures = 1;
  const onRun = (device: string): void => {
    if (device === 'b' && failures-- > 0) throw new CancelledError('the stage failed', 'Try again.');
  };
  await within({ ...setup, onRun }, together, async ({ gateway }) => {
    const results: boolean[] = [];
    for await (const { error } of gateway.stream(itemsOf(together, 6), { signal }))
      results.push(error === null);
    requireEqual(results, [false, false, false, true, true, true], 'answered');
    requireThat(failures < 0, 'the batch that failed was not the last');
  });
}
