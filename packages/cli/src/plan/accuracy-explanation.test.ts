import {
  type AccuracyRow,
  evaluate,
  exampleCluster,
  graphOf,
  type Plan,
  type Problem,
  planOf,
  problemOf,
  type TransferCodec,
  zooModel,
} from '@tandem/core';
import { expect, it } from 'vitest';
import { accuracyExplanation, accuracyText } from './accuracy-explanation.ts';

const graph = graphOf(zooModel('cifar-resnet-8', { batch: 1 }));
const input = graph.inputs[0] ?? 0;
const bits4: TransferCodec = { kind: 'affine', bits: 4, perChannel: false };

/** All on the server, the input coded. */
function planFor(problem: Problem, codec: TransferCodec): Plan {
  const stages = [{ device: 'server', nodes: graph.nodes.map(({ id }) => id) }];
  return planOf(problem, 'digest', stages, 'by-hand', {
    codecOf: ({ tensor }) => (tensor === input ? codec : { kind: 'raw' }),
  });
}

function explained(rows: readonly AccuracyRow[], codec: TransferCodec = bits4) {
  const problem = problemOf(graph, exampleCluster(), { accuracy: { rows, data: 'photos, agreement' } });
  const plan = planFor(problem, codec);
  return accuracyExplanation(problem, plan, evaluate(problem, plan));
}

const row: AccuracyRow = { tensor: input, bits: 4, loss: 0.002, samples: 1000, low: 0.0005, high: 0.0073 };

it('says what is known of the answers that a plan may cost, and from where', () => {
  expect(explained([], { kind: 'raw' })).toMatchObject({ source: 'exact', loss: 0 });
  expect(explained([])).toMatchObject({ source: 'assumed', loss: 0.02, samples: null });
  const known = explained([row]);
  expect(known).toEqual({
    source: 'calibrated',
    loss: 0.002,
    samples: 1000,
    low: 0.0005,
    high: 0.0073,
    data: 'photos, agreement',
  });
  expect(accuracyText(known)).toBe(
    'at most 0.20 % of the answers lost (calibrated on photos, agreement, n = 1000: 0.05 to 0.73 %)',
  );
  expect(accuracyText(explained([]))).toMatch(/^at most 2\.00 % .* \(assumed: measure it/);
  expect(explained([{ ...row, bits: 5 }]), 'only more bits were measured').toMatchObject({
    source: 'assumed',
    loss: 1,
  });
});
