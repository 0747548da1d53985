import {
  affineBits,
  bitsPerSecond,
  bytes,
  type CrossingBits,
  catalogueDevice,
  createEvaluator,
  crossingBits,
  crossingCodec,
  encodedActivationBytes,
  type Graph,
  metricsOf,
  type Problem,
  parseCluster,
  planOf,
  problemOf,
  type Scenario,
  type ScenarioOutcome,
  seconds,
  simulate,
} from '@tandem/core';
import { efficiency, requestsPerSecond } from '../coach-testbed.ts';
import type { RecordedCut } from './recorded-sample.ts';

/** What a request takes where it is cut, and the link between. */
export interface StreamSetting {
  readonly endSeconds: number;
  readonly cloudSeconds: number;
  /** Of what crosses, header included. */
  readonly bytes: Readonly<Record<CrossingBits, number>>;
  readonly bitsPerSecond: number;
  /** Between two requests. */
  readonly everySeconds: number;
}

const megabitsPerSecond = 10;

export const settingText: string = `a Jetson Xavier NX before an RTX A6000, each at ${(efficiency * 100).toFixed(1)} % of its peak (as in K5), ${megabitsPerSecond} Mbit/s between them, ${requestsPerSecond} requests a second, the frame rate that the paper names`;

/** On the devices of the paper, by the catalogue. */
export function catalogueSetting({ graph, cut }: RecordedCut): StreamSetting {
  const [endSeconds = 0, cloudSeconds = 0] = stageSeconds(graph, cut.nodes);
  return streamSetting({ graph, cut }, endSeconds, cloudSeconds);
}

/** With stages that take so long. */
export function streamSetting(
  { graph, cut }: Pick<RecordedCut, 'graph' | 'cut'>,
  endSeconds: number,
  cloudSeconds: number,
): StreamSetting {
  const shape = graph.tensors[cut.boundary[0] ?? -1]?.shape ?? [];
  const sizes = crossingBits.map((bits) => [bits, encodedActivationBytes(shape, crossingCodec(bits))]);
  return {
    endSeconds,
    cloudSeconds,
    bytes: Object.fromEntries(sizes) as Record<CrossingBits, number>,
    bitsPerSecond: 1e6 * megabitsPerSecond,
    everySeconds: 1 / requestsPerSecond,
  };
}

/** Of the device for the whole model. */
export function wholeSeconds({ graph }: RecordedCut): number {
  return (
    stageSeconds(
      graph,
      graph.nodes.map(({ id }) => id),
    )[0] ?? 0
  );
}

function stageSeconds(graph: Graph, front: readonly number[]): readonly number[] {
  const problem = pairProblem(graph);
  const inFront = new Set(front);
  const stages = [
    { device: 'end', nodes: [...front] },
    { device: 'cloud', nodes: graph.nodes.flatMap(({ id }) => (inFront.has(id) ? [] : [id])) },
  ];
  const plan = planOf(problem, '', stages, 'cut');
  return createEvaluator(problem)
    .evaluate(plan)
    .stages.map(({ computeSeconds }) => computeSeconds);
}

function pairProblem(graph: Graph): Problem {
  const at = (id: string, like: string): object => {
    const peak = catalogueDevice(like).figures.peakFlopsPerSecond?.value ?? 0;
    return { id, host: id, like, gigaflopsPerSecond: (efficiency * peak) / 1e9 };
  };
  const cluster = parseCluster({
    hosts: [{ id: 'end' }, { id: 'cloud' }],
    devices: [at('end', 'jetson-xavier-nx'), at('cloud', 'rtx-a6000')],
    links: [{ from: 'end', to: 'cloud', megabitsPerSecond, bothWays: true }],
  });
  return problemOf(graph, cluster);
}

/** Mean seconds from arrival to answer, by the simulator, of requests with these outcomes; those without bits cross with `crossing`. */
export function simulatedLatency(
  setting: StreamSetting,
  crossing: CrossingBits,
  outcomes: readonly ScenarioOutcome[],
): number {
  const metrics = metricsOf(simulate(scenarioOf(setting, crossing, outcomes)));
  return metrics.latencySeconds?.mean ?? Number.NaN;
}

function scenarioOf(
  setting: StreamSetting,
  crossing: CrossingBits,
  outcomes: readonly ScenarioOutcome[],
): Scenario {
  const [from, to] = ['end', 'cloud'];
  const tensor = 'crossing';
  const sizes = affineBits.map((bits) => ({ bits, bytes: bytes(setting.bytes[bits]) }));
  return {
    devices: [from, to],
    links: [{ from, to, rate: { kind: 'constant', bitsPerSecond: bitsPerSecond(setting.bitsPerSecond) } }],
    pipelines: [
      {
        version: 1,
        stages: [
          {
            stage: 0,
            device: from,
            seconds: seconds(setting.endSeconds),
            inputs: ['in'],
            outputs: [tensor],
          },
          {
            stage: 1,
            device: to,
            seconds: seconds(setting.cloudSeconds),
            inputs: [tensor],
            outputs: ['out'],
          },
        ],
        tensors: [{ tensor, bytes: bytes(setting.bytes[crossing]) }],
        inputs: ['in'],
        outputs: ['out'],
        source: from,
        sink: to,
        arrivals: { kind: 'periodic', seconds: seconds(setting.everySeconds), requests: outcomes.length },
        decisions: {
          exits: [{ stage: 0, share: 0, answerBytes: bytes(0) }],
          ...(crossing === 16 ? {} : { bits: { transfers: [{ tensor, from, to, sizes }], shares: [] } }),
          outcomes,
        },
      },
    ],
  };
}
