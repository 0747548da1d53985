// A planner of one's own beside built-in ones: cut where the least data crosses, whatever the halves cost.
import {
  comparePlanners,
  createRandom,
  exampleCluster,
  graphOf,
  type Planner,
  planOf,
  problemOf,
  seconds,
  singleTensorCuts,
  zooModel,
} from '@tandem/core';
import { systemClock } from '@tandem/node';

const thinnestCut: Planner = {
  name: 'thinnest-cut',
  paper: 'an example',
  supports: ({ cluster }) =>
    cluster.devices.length === 2 ? { yes: true } : { yes: false, reason: 'It plans for two devices.' },
  plan: async (problem, { problemDigest, clock }) => {
    const started = clock.now();
    const [thinnest] = singleTensorCuts(problem.graph).toSorted((left, right) => left.bytes - right.bytes);
    const before = new Set(thinnest?.nodes);
    const behind = problem.graph.nodes.map(({ id }) => id).filter((id) => !before.has(id));
    const [front = '', back = ''] = problem.cluster.devices.map(({ id }) => id);
    const stages = [
      { device: front, nodes: [...before] },
      { device: back, nodes: behind },
    ];
    const plan = planOf(problem, problemDigest, stages, 'thinnest-cut');
    return { kind: 'plan', plan, evaluations: 0, planningSeconds: seconds(clock.now() - started) };
  },
};

const problem = problemOf(graphOf(zooModel('googlenet', { batch: 1 })), exampleCluster());
const asked = ['all-local', 'all-server', 'neurosurgeon-chain', 'dads-light', thinnestCut] as const;
const { rows, best } = await comparePlanners(problem, asked, {
  problemDigest: '',
  random: createRandom(1),
  clock: systemClock,
  signal: new AbortController().signal,
});
for (const { name, report, reason, onFront } of rows) {
  const milliseconds = (value = 0): string => `${(value * 1e3).toFixed(0)} ms`;
  const figures = `${milliseconds(report?.latencySeconds)}, then one every ${milliseconds(report?.periodSeconds)}`;
  console.log(`${name}: ${reason ?? figures}${onFront ? ', on the front' : ''}`);
}
console.log(`the soonest: ${best?.name}`);
