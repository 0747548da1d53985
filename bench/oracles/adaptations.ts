import { bytes, type Problem, type Random, randomExits } from '@tandem/core';

/** What a planner needs to have a choice, put into a problem drawn at random. */
export type Adaptation = (problem: Problem, random: Random) => Problem;

/** The input is a picture of a few pixels. */
export const withPicture: Adaptation = (problem, random) => {
  const pixels = 1 + random.integer(100);
  const tensors = problem.graph.tensors.map((tensor) =>
    tensor.producer === 'input' ? { ...tensor, shape: [1, 3, 1, pixels], bytes: bytes(12 * pixels) } : tensor,
  );
  return { ...problem, graph: { ...problem.graph, tensors } };
};

/** About every other node is a rectifier, some tensors are no float32; in two of three problems with exits, where there is a place for any. */
export const withRectifiers: Adaptation = (problem, random) => {
  const { graph } = problem;
  const nodes = graph.nodes.map((node) => (random.next() < 0.5 ? { ...node, op: 'Relu', domain: '' } : node));
  const tensors = graph.tensors.map((tensor) =>
    random.next() < 0.2 ? { ...tensor, type: 'int32' as const } : tensor,
  );
  const rectified: Problem = { ...problem, graph: { ...graph, nodes, tensors } };
  const exits = random.integer(3) === 0 ? null : randomExits(random, rectified.graph);
  return exits === null ? rectified : { ...rectified, exits };
};

/** What codes may cost, as COACH has it. */
export const withAccuracy: Adaptation = (problem) => ({
  ...problem,
  constraints: { ...problem.constraints, accuracyLoss: 0.005 },
});
