// Where a network can be cut with one tensor crossing, and how much smaller than the image that tensor is.
import { graphOf, singleTensorCuts, zooModel } from '@tandem/core';

const graph = graphOf(zooModel('mobilenet-v2'));
const image = graph.tensors[graph.inputs[0] ?? 0];
const imageBytes = image?.bytes ?? 0;
const cuts = singleTensorCuts(graph);

console.log(`${graph.nodes.length} nodes, ${cuts.length} places to cut`);
for (const factor of [2, 4, 8, 16]) {
  const first = cuts.find(({ bytes }) => bytes * factor <= imageBytes);
  const tensor = graph.tensors[first?.boundary[0] ?? -1];
  if (first === undefined || tensor === undefined) continue;
  console.log(
    `after ${first.nodes.length} nodes: '${tensor.name}', ${tensor.bytes} bytes, 1/${factor} of the image or less`,
  );
}
