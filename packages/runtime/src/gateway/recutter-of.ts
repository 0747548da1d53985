import {
  type CreateSha256,
  createEvaluator,
  InvalidInputError,
  type ModelProto,
  type Plan,
  type Problem,
  planOf,
  type Stage,
  type StagesLeft,
  type SuffixCuts,
  seconds,
  stageBoundary,
} from '@tandem/core';
import { segmentSources, segmentsByDigest } from '../segment/segment-sources.ts';
import type { DeployedTensor } from './deployment.ts';
import { deployedTensor } from './deployment-of.ts';
import { endsAmong } from './ends-among.ts';
import type { Piece, Recut } from './repaired-deployment.ts';

/** What cutting stages anew needs. */
export interface RecutOptions {
  readonly model: ModelProto;
  readonly createSha256: CreateSha256;
  /** @default 'all' */
  readonly optimisation?: 'all' | 'basic';
}

type CutAnew = Omit<Recut, 'repairer'> & { readonly plan: Plan };

/** Cuts lost stages of the plan anew, with the segments of their pieces, whose weights are read once for the digests. */
export function recutterOf(
  problem: Problem,
  plan: Plan,
  cuts: SuffixCuts,
  { model, createSha256, optimisation = 'all' }: RecutOptions,
): (left: StagesLeft) => CutAnew | null {
  const { graph } = problem;
  return (left) => {
    const cut = cuts.cut(left);
    if (cut === null) return null;
    const placed = plan.stages.map(({ nodes }, stage) => ({ device: left.devices[stage] ?? '', nodes }));
    const stages = placed.flatMap((stage, at) => cut.pieces.get(at) ?? [stage]);
    const clocks = plan.frequency === undefined ? {} : { frequency: plan.frequency };
    const whole = planOf(problem, plan.problemDigest, stages, plan.planner, clocks);
    const places = new Map(stages.map(({ device }, at) => [at, device]));
    const report = createEvaluator(endsAmong(problem, places, [...left.alive])).evaluate(whole);
    if (report.violations.length > 0) return null;
    const parts = [...cut.pieces.values()].flatMap((own) => (own.length > 1 ? own : []));
    const sources = segmentSources({ model, graph, plan: { stages: parts }, createSha256 });
    const all = [...cut.pieces.values()].flat();
    const pieceOf = (stage: Stage): Piece => ({
      ...boundaryOf(graph, stage),
      ...placeOf(problem, stage.device, report.stages[stages.indexOf(stage)]?.computeSeconds),
      stage: plan.stages.length + all.indexOf(stage),
      segment: sources[parts.indexOf(stage)]?.manifest.digest ?? null,
      optimisation,
    });
    return {
      plan: whole,
      pieces: new Map([...cut.pieces].map(([stage, own]) => [stage, own.map(pieceOf)])),
      tensors: tensorsOf(graph, parts),
      segments: segmentsByDigest(sources),
    };
  };
}

function placeOf(
  { cluster }: Problem,
  id: string,
  computeSeconds = seconds(0),
): Pick<Piece, 'device' | 'threads' | 'paceSeconds'> {
  const found = cluster.devices.find((device) => device.id === id);
  if (found === undefined)
    throw new InvalidInputError(
      `device '${id}' is to take a piece, expected one of the cluster`,
      'Plan again.',
    );
  return { device: id, threads: found.threads, paceSeconds: found.emulated ? computeSeconds : null };
}

function boundaryOf(graph: Problem['graph'], { nodes }: Stage): Pick<Piece, 'inputs' | 'outputs'> {
  const { inputs, outputs } = stageBoundary(graph, nodes);
  const name = (tensor: number): string => deployedTensor(graph, tensor).name;
  return { inputs: inputs.map(name), outputs: outputs.map(name) };
}

function tensorsOf(graph: Problem['graph'], parts: readonly Stage[]): readonly DeployedTensor[] {
  const boundaries = parts.map(({ nodes }) => stageBoundary(graph, nodes));
  const tensors = new Set(boundaries.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]));
  return [...tensors].map((tensor) => deployedTensor(graph, tensor));
}
