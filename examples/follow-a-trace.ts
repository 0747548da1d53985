// A cluster file with devices from the catalogue and a recorded uplink: when is it worth sending the image away?
import { fileURLToPath } from 'node:url';
import { evaluate, graphOf, planOf, problemOf, rateAt, transferSeconds, zooModel } from '@tandem/core';
import { readClusterFile } from '@tandem/node';

const cluster = await readClusterFile(fileURLToPath(new URL('walk.yaml', import.meta.url)));
for (const { id, kind, flopsPerSecond, memoryBytes, power } of cluster.devices)
  console.log(
    `${id}: ${kind}, ${flopsPerSecond / 1e9} GFLOP/s, ${memoryBytes / 1e9} GB, power as a ${power?.kind}`,
  );

const problem = problemOf(graphOf(zooModel('resnet-50', { batch: 1 })), cluster);
const nodes = problem.graph.nodes.map(({ id }) => id);
const alone = planOf(problem, 'example', [{ device: 'pi', nodes }], 'by hand');
const { latencySeconds } = evaluate(problem, alone);
console.log(`the board alone takes ${latencySeconds.toFixed(2)} s`);

const [uplink] = cluster.links;
const imageBytes = problem.graph.tensors[problem.graph.inputs[0] ?? 0]?.bytes ?? 0;
for (const start of [0, 9, 14, 19, 21, 30]) {
  if (uplink === undefined) break;
  const seconds = transferSeconds(uplink, imageBytes, start);
  const advice = seconds < latencySeconds ? 'send it' : 'stay';
  console.log(
    `at ${start} s: ${rateAt(uplink, start) / 1e6} Mbit/s, the image takes ${seconds.toFixed(2)} s: ${advice}`,
  );
}
