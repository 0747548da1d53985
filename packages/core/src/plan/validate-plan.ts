import { isConvex, quotientIsAcyclic } from '../graph/convexity.ts';
import type { Graph } from '../graph/graph.ts';
import { batchFaults } from './batch-faults.ts';
import { frequencyFaults } from './frequency.ts';
import { mixFaults, mostVariants } from './mix.ts';
import type { Plan, Stage, Transfer } from './plan.ts';
import { replicaTransfers } from './plan-ways.ts';
import { policyFaults } from './policy-faults.ts';
import type { Problem } from './problem.ts';
import { replicaFaults } from './replica-faults.ts';
import { threadFaults } from './thread-faults.ts';
import { codecFault } from './transfer-codec.ts';
import { stageOfNodes } from './transfers-of.ts';

/**
 * What is wrong with a plan for `problem`, one sentence each; empty = it can be priced and run. Nodes, devices and stages are
 * checked first; order and transfers only when those hold, because they mean nothing otherwise. So is each variant. Memory and
 * other constraints are `evaluate`'s. O(stages × (V+E)).
 */
export function validatePlan(
  problem: Problem,
  plan: Pick<Plan, 'stages' | 'transfers' | 'frequency' | 'mix' | 'policies'>,
): readonly string[] {
  const { frequency, mix, policies } = plan;
  const together = [...replicaFaults(plan), ...batchFaults(problem, plan)];
  if (together.length > 0) return together;
  const own = variantFaults(problem, plan);
  if (mix === undefined) return own;
  if (policies !== undefined)
    return [
      'The plan has a mix and policies, expected one of them: its exits belong to one way to run a request.',
    ];
  const others = mix.variants.slice(0, mostVariants).flatMap(({ stages, transfers }, at) => {
    const faults = variantFaults(problem, {
      stages,
      transfers,
      ...(frequency === undefined ? {} : { frequency }),
    });
    return faults.map((fault) => `Variant ${at + 1}: ${fault}`);
  });
  return [
    ...own,
    ...mixFaults(mix),
    ...others,
    ...twoForms([plan, ...mix.variants].map(({ transfers }) => transfers)),
  ];
}

/** A link carries a tensor in one form, whichever way its request takes. */
function twoForms(ways: readonly (readonly Transfer[])[]): string[] {
  const forms = new Map<string, string>();
  const faults = new Set<string>();
  for (const transfer of ways.flat()) {
    const [text, form] = [transferText(transfer), JSON.stringify(transfer.codec)];
    if ((forms.get(text) ?? form) !== form)
      faults.add(`The ways of the mix code ${text} in two forms, expected one.`);
    forms.set(text, form);
  }
  return [...faults];
}

/** Of one way to run a request. */
function variantFaults(
  problem: Problem,
  plan: Pick<Plan, 'stages' | 'transfers' | 'frequency' | 'policies'>,
): readonly string[] {
  const placement = [
    ...unknownDevices(problem, plan),
    ...misplacedNodes(problem.graph, plan.stages),
    ...partedFolds(problem, plan.stages),
  ];
  if (placement.length > 0) return placement;
  return [
    ...brokenStages(problem.graph, plan.stages),
    ...misorderedStages(problem, plan.stages),
    ...wrongTransfers(problem, plan),
    ...missingLinks(problem, plan.transfers),
    ...unfitCodecs(problem, plan.transfers),
    ...threadFaults(problem, plan.stages),
    ...frequencyFaults(problem.cluster, plan.frequency),
    ...policyFaults(problem, plan),
  ];
}

function unknownDevices({ cluster }: Problem, plan: Pick<Plan, 'stages' | 'transfers'>): string[] {
  const known = new Set(cluster.devices.map(({ id }) => id));
  const used = new Set([
    ...plan.stages.flatMap(({ device, replicas = [] }) => [device, ...replicas.map((one) => one.device)]),
    ...plan.transfers.flatMap(({ from, to }) => [from, to]),
  ]);
  const unknown = [...used].filter((device) => !known.has(device));
  return unknown.map((device) => `Device '${device}' is not in the cluster '${cluster.name}'.`);
}

function misplacedNodes(graph: Graph, stages: readonly Stage[]): string[] {
  const faults: string[] = [];
  const owner = new Map<number, number>();
  for (const [index, { nodes }] of stages.entries()) {
    if (nodes.length === 0) faults.push(`Stage ${index} has no nodes.`);
    for (const node of nodes) {
      const other = owner.get(node);
      if (graph.nodes[node] === undefined)
        faults.push(`Stage ${index} holds node ${node}, which is not in the graph.`);
      else if (other !== undefined) faults.push(`Node ${node} is in stage ${other} and in stage ${index}.`);
      owner.set(node, index);
    }
    if (nodes.some((node, at) => at > 0 && node < (nodes[at - 1] ?? 0)))
      faults.push(`The nodes of stage ${index} are not in ascending order.`);
  }
  const missing = graph.nodes.filter(({ id }) => !owner.has(id));
  return [...faults, ...missing.map(({ id, name }) => `Node ${id} ('${name}') is in no stage.`)];
}

function partedFolds(problem: Problem, stages: readonly Stage[]): string[] {
  const stageOf = stageOfNodes(problem, stages);
  return problem.graph.nodes.flatMap(({ id, foldedInto }) => {
    if (foldedInto === null || stageOf[id] === stageOf[foldedInto]) return [];
    return [`Node ${id} is in stage ${stageOf[id]} and node ${foldedInto}, which it is folded into, is not.`];
  });
}

function brokenStages(graph: Graph, stages: readonly Stage[]): string[] {
  const faults = [...stages.entries()].flatMap(([index, { nodes }]) =>
    isConvex(graph, nodes) ? [] : [`Stage ${index} is not convex: a path leaves it and comes back.`],
  );
  const sets = stages.map(({ nodes }) => nodes);
  if (faults.length === 0 && !quotientIsAcyclic(graph, sets))
    faults.push('Stages wait for each other in a cycle.');
  return faults;
}

function misorderedStages(problem: Problem, stages: readonly Stage[]): string[] {
  const stageOf = stageOfNodes(problem, stages);
  const faults = new Set<string>();
  for (const { id, inputs } of problem.graph.nodes) {
    for (const input of inputs) {
      const producer = problem.graph.tensors[input]?.producer;
      if (typeof producer !== 'number') continue;
      const from = stageOf[producer] ?? -1;
      const to = stageOf[id] ?? -1;
      if (from > to) faults.add(`Stage ${to} reads from stage ${from}, which comes after it in the list.`);
    }
  }
  return [...faults];
}

function wrongTransfers(problem: Problem, plan: Pick<Plan, 'stages' | 'transfers'>): string[] {
  const expected = new Set(replicaTransfers(problem, plan.stages).map(transferText));
  const seen = new Set<string>();
  const faults: string[] = [];
  for (const transfer of plan.transfers) {
    const text = transferText(transfer);
    if (seen.has(text)) faults.push(`The transfer of ${text} is listed twice.`);
    else if (!expected.has(text)) faults.push(`The transfer of ${text} is not needed.`);
    seen.add(text);
  }
  for (const text of expected) if (!seen.has(text)) faults.push(`The transfer of ${text} is missing.`);
  return faults;
}

function transferText({ tensor, from, to }: Transfer): string {
  return `tensor ${tensor} from '${from}' to '${to}'`;
}

function unfitCodecs({ graph }: Problem, transfers: readonly Transfer[]): string[] {
  return transfers.flatMap(({ tensor, codec }) => {
    const row = graph.tensors[tensor];
    const fault = row === undefined ? null : codecFault(row, codec);
    return fault === null ? [] : [fault];
  });
}

function missingLinks({ cluster }: Problem, transfers: readonly Transfer[]): string[] {
  const links = new Set(cluster.links.map(({ from, to }) => `from '${from}' to '${to}'`));
  const pairs = new Set(transfers.map(({ from, to }) => `from '${from}' to '${to}'`));
  return [...pairs].filter((pair) => !links.has(pair)).map((pair) => `No link leads ${pair}.`);
}
