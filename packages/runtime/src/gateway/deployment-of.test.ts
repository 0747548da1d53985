import {
  bitsPerSecond,
  createRandom,
  type Device,
  type Graph,
  type Plan,
  type Problem,
  planOf,
  randomProblem,
  type Stage,
  seconds,
  UnsupportedError,
  validatePlan,
} from '@tandem/core';
import { describe, expect, it } from 'vitest';
import type { Deployment } from './deployment.ts';
import { checkDeployment } from './deployment-check.ts';
import { type DeploymentOptions, deploymentOf } from './deployment-of.ts';

/** Stages that alternate between the devices, a few nodes each, in the graph's order. */
function slices({ graph, cluster }: Problem, size: number): Stage[] {
  const count = Math.ceil(graph.nodes.length / size);
  return Array.from({ length: count }, (_, at) => ({
    device: cluster.devices[at % cluster.devices.length]?.id ?? '',
    nodes: graph.nodes.slice(at * size, (at + 1) * size).map(({ id }) => id),
  }));
}

const segmentsOf = (plan: Plan): DeploymentOptions['segments'] =>
  plan.stages.map((_, at) => ({ digest: `${at}`.padStart(64, '0'), parts: [] }));

function sample(seed: number): { readonly problem: Problem; readonly plan: Plan } {
  const random = createRandom(seed);
  const problem = randomProblem(random, { devices: 2 + random.integer(3), elsewhere: 0.5 });
  return { problem, plan: planOf(problem, 'digest', slices(problem, 1 + random.integer(5)), 'slices') };
}

const deploy = (seed: number, options: Partial<DeploymentOptions> = {}): Deployment => {
  const { problem, plan } = sample(seed);
  return deploymentOf({ problem, plan, segments: segmentsOf(plan), ...options });
};

/** Carries names through the deployment until nothing moves; gives the stages in the order in which they could run. */
function flow({ stages, routes }: Deployment): { readonly ran: number[]; readonly answers: string[] } {
  const present = new Set<string>();
  const ran: number[] = [];
  const at = (device: string | null, tensor: string): string => `${device ?? ''} ${tensor}`;
  for (let before = -1; before !== present.size; ) {
    before = present.size;
    for (const { tensor, from, to } of routes) {
      if (from === null || present.has(at(from, tensor))) present.add(at(to, tensor));
    }
    for (const { stage, device, inputs, outputs } of stages) {
      if (ran.includes(stage) || !inputs.every((input) => present.has(at(device, input)))) continue;
      ran.push(stage);
      for (const output of outputs) present.add(at(device, output));
    }
  }
  const answers = routes.filter(({ tensor, to }) => to === null && present.has(at(null, tensor)));
  return { ran, answers: answers.map(({ tensor }) => tensor) };
}

const outputNames = (graph: Graph): string[] => graph.outputs.map((id) => graph.tensors[id]?.name ?? '');

const point = (time: number, rate: number) => ({
  seconds: seconds(time),
  bitsPerSecond: bitsPerSecond(rate),
});

describe('a deployment', () => {
  it('lets every stage run and every output reach the gateway, for 300 random plans', () => {
    const kinds = { valid: 0 };
    for (let seed = 1; seed <= 300; seed++) {
      const { problem, plan } = sample(seed);
      if (validatePlan(problem, plan).length > 0) continue;
      kinds.valid++;
      const { ran, answers } = flow(deploymentOf({ problem, plan, segments: segmentsOf(plan) }));
      expect(ran.toSorted((left, right) => left - right)).toEqual(plan.stages.map((_, at) => at));
      expect(answers).toEqual(outputNames(problem.graph));
    }
    expect(kinds.valid).toBeGreaterThan(100);
  });

  it('is plain data', () => {
    const deployment = deploy(3);
    expect(JSON.parse(JSON.stringify(deployment))).toEqual(deployment);
  });

  it('paces the stages and links of emulated devices, and no others', () => {
    const { problem, plan } = sample(3);
    const first = problem.cluster.devices[0]?.id;
    const devices = problem.cluster.devices.map(
      (device): Device => ({ ...device, emulated: device.id === first }),
    );
    const emulated = { ...problem, cluster: { ...problem.cluster, devices } };
    const paceSeconds = plan.stages.map((_, at) => seconds(at + 1));
    const options = { problem: emulated, plan, segments: segmentsOf(plan), paceSeconds };
    const { stages, pacedLinks } = deploymentOf(options);
    expect(stages.map((stage) => stage.paceSeconds)).toEqual(
      plan.stages.map(({ device }, at) => (device === first ? at + 1 : null)),
    );
    const touching = problem.cluster.links.filter(({ from, to }) => from === first || to === first);
    expect(pacedLinks.map(({ from, to }) => [from, to])).toEqual(touching.map(({ from, to }) => [from, to]));
    expect(pacedLinks.length).toBeGreaterThan(0);
    expect(deploymentOf({ ...options, paceLinks: false }).pacedLinks).toEqual([]);
  });

  it('leaves out an imitated link that begins with a rate of 0, and refuses a plan that needs it', () => {
    const { problem, plan } = sample(2);
    const late = { kind: 'trace', loop: false, points: [point(0, 0), point(1, 8e6)] } as const;
    const needed = (link: { readonly from: string; readonly to: string }): boolean =>
      plan.transfers.some(({ from, to }) => from === link.from && to === link.to);
    const deployLate = (which: boolean): Deployment => {
      const devices = problem.cluster.devices.map((device): Device => ({ ...device, emulated: true }));
      const links = problem.cluster.links.map((link) =>
        needed(link) === which ? { ...link, rate: late } : link,
      );
      const cluster = { ...problem.cluster, devices, links };
      return deploymentOf({ problem: { ...problem, cluster }, plan, segments: segmentsOf(plan) });
    };
    const ends = problem.cluster.links.filter(needed).map(({ from, to }) => [from, to]);
    expect(ends.length).toBeLessThan(problem.cluster.links.length);
    expect(deployLate(false).pacedLinks.map(({ from, to }) => [from, to])).toEqual(ends);
    expect(() => deployLate(true)).toThrow(UnsupportedError);
  });

  it('refuses segments and times of another plan', () => {
    const { plan } = sample(3);
    expect(() => deploy(3, { segments: segmentsOf(plan).slice(1) })).toThrow('segments were given');
    expect(() => deploy(3, { paceSeconds: [] })).toThrow('0 stage times were given');
  });

  it('refuses a plan of another cluster', () => {
    const { problem, plan } = sample(3);
    const stages = plan.stages.map((stage) => ({ ...stage, device: 'moon' }));
    expect(() => deploymentOf({ problem, plan: { ...plan, stages }, segments: segmentsOf(plan) })).toThrow(
      "'moon'",
    );
  });
});

describe('checkDeployment', () => {
  const sound = deploy(3);
  const [route, ...otherRoutes] = sound.routes;
  const [stage, ...otherStages] = sound.stages;
  const [tensor, ...otherTensors] = sound.tensors;
  if (!route || !stage || !tensor) throw new Error('the sample is empty');

  it.each<readonly [string, Partial<Deployment>, string]>([
    ['a tensor twice', { tensors: [tensor, ...sound.tensors] }, 'declared twice'],
    ['a tensor less', { tensors: otherTensors }, 'not declared'],
    ['a stage twice', { stages: [stage, ...sound.stages] }, 'same number'],
    ['a stage without inputs', { stages: [{ ...stage, inputs: [] }, ...otherStages] }, 'reads nothing'],
    ['a route twice', { routes: [route, ...sound.routes] }, 'twice'],
    ['a route less', { routes: otherRoutes }, 'never gets there'],
    ['a route to itself', { routes: [{ ...route, from: route.to }, ...otherRoutes] }, 'itself'],
    [
      'a tensor too large to send',
      { tensors: [{ ...tensor, shape: [2 ** 40] }, ...otherTensors] },
      'expected numbers of at most',
    ],
    [
      'a tensor of strings',
      { tensors: [{ ...tensor, type: 'string' }, ...otherTensors] },
      'expected numbers',
    ],
  ])('refuses %s', (_name, change, reason) => {
    expect(() => checkDeployment(sound)).not.toThrow();
    expect(() => checkDeployment({ ...sound, ...change })).toThrow(reason);
  });
});
