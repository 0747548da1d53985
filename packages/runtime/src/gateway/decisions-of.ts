import {
  type CalibratedCut,
  type CalibratedHead,
  type Calibration,
  cutTensors,
  type ExitPoint,
  featureLayout,
  featureSize,
  hasFeature,
  type KnownCentres,
  type Plan,
  type Problem,
  type Report,
  seconds,
  stageBoundary,
  type TensorId,
} from '@tandem/core';
import type { DecidedWay, DeployedBits, DeployedDecision } from './deployed-decision.ts';

export interface DecisionsOptions {
  readonly problem: Problem;
  readonly plan: Plan;
  /** Of the plan. */
  readonly report: Report;
  readonly calibration: Calibration;
  /** What was learned at a cut since it was calibrated; null = nothing. @default nothing anywhere */
  readonly learned?: (cut: DecidedCut) => KnownCentres | null;
}

/** Where something is decided that is learned from answers. */
export interface DecidedCut {
  /** Position in the plan's stages. */
  readonly stage: number;
  readonly tensors: readonly string[];
  readonly channels: number;
  readonly by: DeployedDecision['by']['kind'];
}

export interface PlannedDecisions {
  readonly decisions: readonly DeployedDecision[];
  /** `DeployOptions.matrices` */
  readonly matrices: Uint8Array<ArrayBuffer>;
  /** What a person should know, one sentence each. */
  readonly notes: readonly string[];
}

/** Of requests that could leave, those that are sent all the same: one in fifty costs little and tells of drift. */
const auditShare = 0.02;

interface Planned {
  readonly decision: DeployedDecision;
  readonly rows: readonly ArrayLike<number>[];
}

/**
 * What is decided where the plan hands tensors from one device to the next: by the classifiers that the plan's exits name (SPINN), else by
 * the centres of the cut (COACH), as they were calibrated. A plan with policies is followed: nothing leaves, and no bits are chosen, where
 * they say nothing of it. Cuts that were not calibrated decide nothing, and a note says so.
 */
export function decisionsOf(options: DecisionsOptions): PlannedDecisions {
  const { plan } = options;
  const notes: string[] = [];
  const planned: Planned[] = [];
  for (const stage of plan.stages.keys()) {
    const head = headAt(options, stage);
    const own = head ?? centresAt(options, stage, notes);
    if (own !== null) planned.push(own);
  }
  const values = planned.flatMap(({ rows }) => rows);
  const matrix = new Float32Array(values.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of values) {
    matrix.set(row, at);
    at += row.length;
  }
  return {
    decisions: planned.map(({ decision }) => decision),
    matrices: new Uint8Array(matrix.buffer),
    notes,
  };
}

function headAt(options: DecisionsOptions, stage: number): Planned | null {
  const { problem, plan, calibration } = options;
  const made = stageBoundary(problem.graph, plan.stages[stage]?.nodes ?? []).outputs;
  const point = plan.policies?.exits?.points.find(
    ({ kind, tensor }) => kind === 'confidence' && made.includes(tensor),
  );
  const name = problem.graph.tensors[point?.tensor ?? -1]?.name;
  const head = calibration.heads.heads.find(({ tensor }) => tensor === name);
  return point === undefined || head === undefined ? null : plannedHead(options, stage, point, head);
}

function plannedHead(
  options: DecisionsOptions,
  stage: number,
  { tensor, threshold }: ExitPoint,
  head: CalibratedHead,
): Planned {
  const bits = bitsAt(options, stage, [tensor]);
  const isChosen = choosesBitsAt(options.plan, [tensor]);
  const cut = { stage, tensors: [head.tensor], channels: (head.weights[0]?.length ?? 1) - 1 };
  const decision: DeployedDecision = {
    ...cut,
    labels: head.labels,
    by: {
      kind: 'confidence',
      exitAbove: threshold,
      offlineBits: bits?.offline ?? 8,
      factor: options.learned?.({ ...cut, by: 'confidence' })?.factor ?? 1,
      auditShare,
      mostLoss: options.calibration.mostLoss,
    },
    bits: isChosen ? (bits?.deployed ?? null) : null,
  };
  return { decision, rows: head.weights };
}

function centresAt(options: DecisionsOptions, stage: number, notes: string[]): Planned | null {
  const { problem, plan, calibration } = options;
  const crossing = crossingBehind(problem, plan, stage);
  if (crossing === null || !(mayLeaveAt(plan, crossing) || choosesBitsAt(plan, crossing))) return null;
  const names = crossing.map((id) => problem.graph.tensors[id]?.name ?? '');
  const cut = calibration.cuts.find(({ tensors }) => sameNames(tensors, names));
  if (cut === undefined) {
    notes.push(
      `Nothing is decided behind stage ${stage}: the calibration has no cut at ${names.join(', ')}.`,
    );
    return null;
  }
  return plannedCentres(options, stage, cut, crossing, notes);
}

function plannedCentres(
  options: DecisionsOptions,
  stage: number,
  { tensors, online: calibrated, centres, notes }: CalibratedCut,
  crossing: readonly TensorId[],
  told: string[],
): Planned | null {
  const shapes = crossing.map((id) => options.problem.graph.tensors[id]?.shape ?? []);
  if (!shapes.every(hasFeature)) {
    told.push(`Nothing is decided behind stage ${stage}: ${tensors.join(', ')} has no channels.`);
    return null;
  }
  const online = mayLeaveAt(options.plan, crossing)
    ? calibrated
    : { ...calibrated, exitAbove: null, notes: ['Exits are off: the plan lets no request leave here.'] };
  // Where nothing could be calibrated nobody leaves, but bits still follow the network.
  const channels = featureSize(shapes.map(featureLayout));
  const learned = options.learned?.({ stage, tensors, channels, by: 'centres' }) ?? null;
  const known = learned?.centres ?? centres;
  const bits = choosesBitsAt(options.plan, crossing) ? bitsAt(options, stage, crossing) : null;
  const decision: DeployedDecision = {
    stage,
    tensors,
    channels,
    labels: known.map(({ label }) => label),
    by: {
      kind: 'centres',
      counts: known.map(({ count }) => count),
      thresholds: { ...online, notes: [...online.notes, ...notes].slice(0, 100) },
      factor: learned?.factor ?? 1,
      similarity: 'clamped',
      leastCount: 5,
      auditShare,
      mostLoss: options.calibration.mostLoss,
    },
    bits: bits?.deployed ?? null,
  };
  return { decision, rows: known.map(({ centre }) => centre) };
}

/** Whether requests may leave by the centres behind which this crosses; a plan without policies leaves all to the calibration. */
function mayLeaveAt({ policies }: Plan, crossing: readonly TensorId[]): boolean {
  if (policies === undefined) return true;
  const points = policies.exits?.points ?? [];
  return points.some((point) => {
    return point.kind === 'centres' && cutTensors(point).every((tensor) => crossing.includes(tensor));
  });
}

function choosesBitsAt({ policies }: Plan, crossing: readonly TensorId[]): boolean {
  if (policies === undefined) return true;
  return policies.precision?.transfers.some(({ tensor }) => crossing.includes(tensor)) ?? false;
}

/** What passes from the stages up to this one to those behind it, where this stage makes all of it and another device is next. */
function crossingBehind({ graph }: Problem, { stages }: Plan, stage: number): readonly TensorId[] | null {
  const own = stages[stage];
  const next = stages[stage + 1];
  if (own === undefined || next === undefined || own.device === next.device) return null;
  const behind = stages.slice(stage + 1).flatMap(({ nodes }) => nodes);
  const { inputs } = stageBoundary(graph, behind);
  const isOwn = (id: TensorId): boolean => {
    const producer = graph.tensors[id]?.producer;
    return typeof producer === 'number' && own.nodes.includes(producer);
  };
  return inputs.length > 0 && inputs.every(isOwn) ? inputs : null;
}

/** The bits of what the stage sends as affine codes; null where it sends nothing so. */
function bitsAt(
  { problem, plan, report }: DecisionsOptions,
  stage: number,
  tensors: readonly TensorId[],
): { readonly deployed: DeployedBits; readonly offline: DeployedBits['most'] } | null {
  const device = plan.stages[stage]?.device;
  const sent = plan.transfers.flatMap(({ tensor, from, to, codec }) =>
    codec.kind === 'affine' && from === device && tensors.includes(tensor) ? [{ tensor, to, codec }] : [],
  );
  const [first] = sent;
  if (first === undefined) return null;
  const { precision } = plan.policies ?? {};
  const link = problem.cluster.links.find(({ from, to }) => from === device && to === first.to);
  const deployed: DeployedBits = {
    rule: precision?.rule ?? 'fill',
    least: precision?.bits[0]?.bits ?? 2,
    most: precision?.bits.at(-1)?.bits ?? 8,
    ways: sent.map(
      ({ tensor, to }): DecidedWay => ({ tensor: problem.graph.tensors[tensor]?.name ?? '', to }),
    ),
    slowerSeconds: seconds(Math.max(0, ...report.devices.map(({ busySeconds }) => busySeconds))),
    oneWaySeconds: seconds((link?.roundTripSeconds ?? 0) / 2 + (link?.perMessageSeconds ?? 0)),
  };
  return { deployed, offline: first.codec.bits };
}

function sameNames(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name) => right.includes(name));
}
