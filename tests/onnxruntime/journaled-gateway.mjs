import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import {
  exampleCluster,
  graphOf,
  planOf,
  problemDigest,
  problemOf,
  singleTensorCuts,
  zooModel,
} from '@tandem/core';
import { createSha256, fileJournal, generatedInputs, modelCards, systemClock, tcp } from '@tandem/node';
import { connectGateway, deploymentOf, JournaledRequests, segmentSources } from '@tandem/runtime';

// A gateway that answers the requests r0, r1, ..., four at a time, and says when it has accepted each, 'KEY accepted', and its outcome,
// 'KEY DIGEST'. Started again, it goes on.
const { path, addresses, token, first, count } = JSON.parse(process.argv[2]);
const { signal } = new AbortController();
const gateway = await connectGateway({ transport: tcp(), clock: systemClock, token, addresses, signal });

const model = zooModel('cifar-resnet-8', { resolution: 32 });
const graph = graphOf(model, { batch: 1 });
const problem = problemOf(graph, exampleCluster());
const cuts = singleTensorCuts(graph);
const before = new Set(cuts[Math.floor(cuts.length / 2)].nodes);
const all = graph.nodes.map(({ id }) => id);
const stages = [
  { device: 'pi', nodes: all.filter((id) => before.has(id)) },
  { device: 'server', nodes: all.filter((id) => !before.has(id)) },
];
const plan = planOf(problem, problemDigest(problem, createSha256), stages, 'by hand');
const sources = segmentSources({ model, graph, plan, createSha256 });
const segments = sources.map(({ manifest }) => manifest);
const deployment = deploymentOf({ problem, plan, segments, paceLinks: false, repair: { retain: true } });
await gateway.deploy(deployment, new Map(sources.map((source) => [source.manifest.digest, source])), {
  signal,
});

const journal = await fileJournal(path);
const requests = new JournaledRequests(gateway, {
  open: journal.open,
  accepted: async (key, inputs) => {
    writeSync(1, `${key} sent\n`);
    await journal.accepted(key, inputs);
    writeSync(1, `${key} accepted\n`);
  },
  settled: (key, outcome) => journal.settled(key, outcome),
  taken: (key) => journal.taken(key),
  close: () => journal.close(),
});
const say = async (key, { outputs, error }) => {
  const hash = createHash('sha256');
  for (const { data } of outputs ?? []) hash.update(data);
  writeSync(1, `${key} ${error === null ? hash.digest('hex') : error.name}\n`);
  await requests.taken(key);
};
let next = first;
for await (const { key, outcome } of requests.recovered(signal)) {
  await say(key, outcome);
  next = Math.max(next, Number(key.slice(1)) + 1);
}
const worker = async () => {
  while (next < count) {
    const seed = next++;
    const tensors = graph.inputs.flatMap((id) => graph.tensors[id] ?? []);
    const inputs = generatedInputs({ inputs: tensors, card: modelCards['imagenet-torchvision'], seed });
    await say(`r${seed}`, await requests.request(`r${seed}`, inputs, { signal }));
  }
};
await Promise.all([worker(), worker(), worker(), worker()]);
await gateway.close();
await journal.close();
writeSync(1, 'done\n');
