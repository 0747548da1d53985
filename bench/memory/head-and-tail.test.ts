import { graphOf, parameterBytesOf, zooModel } from '@tandem/core';
import { expect, it } from 'vitest';
import { cutNear, headAndTail } from './head-and-tail.ts';

it.each([
  [0, 0],
  [0.33, 0.33],
  [1, 1],
])('cuts where the head holds the share of the parameters closest to %s', (share, expected) => {
  const graph = graphOf(zooModel('resnet-18'), { batch: 1 });
  const all = parameterBytesOf(
    graph,
    graph.nodes.map(({ id }) => id),
  );
  expect(Math.abs(parameterBytesOf(graph, cutNear(graph, share).nodes) / all - expected)).toBeLessThan(0.12);
});

it('puts head and tail on devices of their own and refuses those that are too small', () => {
  const { plan, report } = headAndTail('resnet-18', 0.5);
  expect(plan.stages.map(({ device }) => device)).toEqual(['head', 'tail']);
  expect(report.violations).toEqual([]);
  expect(headAndTail('resnet-18', 0.5, { head: 2 ** 36, tail: 2 ** 20 }).report.violations[0]).toContain(
    "'tail'",
  );
});
