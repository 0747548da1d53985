import { rateAt } from '../cluster/rate-at.ts';
import { createEvaluator } from '../cost/evaluate.ts';
import type { Report } from '../cost/report.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { undecidedReason } from '../planner/coach/calibrated-policies.ts';
import {
  linkSeconds,
  type OptionDevice,
  type OptionLink,
  type PlanOption,
} from '../schedule/dynamics/plan-option.ts';
import { expectedLinks } from './expected-links.ts';

/**
 * What adaptation has to know of a plan, at the times that `evaluate` gives it: in the mean over requests, where these decide for themselves. Throws
 * InvalidInputError as that does.
 */
export function planOptionOf(problem: Problem, plan: Plan): PlanOption {
  const evaluator = createEvaluator(problem);
  const report = evaluator.evaluate(plan);
  const devices = report.devices.map(({ device, busySeconds }) => ({ device, seconds: busySeconds }));
  const links =
    report.expectation === undefined
      ? linksOf(problem, report)
      : expectedLinks(problem, plan, report, evaluator);
  const undecided = undecidedReason(problem, plan);
  return {
    version: plan.version,
    name: `${plan.planner} ${plan.version}`,
    model: problem.graph.name,
    cut: JSON.stringify(plan.stages.map(({ device, nodes }) => [device, nodes])),
    bits: bitsOf(plan),
    devices,
    links,
    restSeconds: report.latencySeconds - servedSeconds(devices, links),
    accuracyLoss: report.accuracyLoss,
    energyJoules: report.energyJoules,
    loadSeconds: loadingSeconds(problem, plan),
    ...(undecided === null ? {} : { undecided }),
  };
}

function linksOf({ cluster }: Problem, { transfers }: Report): readonly OptionLink[] {
  return cluster.links.flatMap((link): OptionLink[] => {
    const { from, to, perMessageSeconds, burstBytes = 0 } = link;
    const own = transfers.filter((transfer) => transfer.from === from && transfer.to === to);
    if (own.length === 0) return [];
    const bits = 8 * own.reduce((sum, { bytes }) => sum + Math.max(0, bytes - burstBytes), 0);
    return [
      { from, to, bits, bitsPerSecond: rateAt(link, 0), messageSeconds: own.length * perMessageSeconds },
    ];
  });
}

function servedSeconds(devices: readonly OptionDevice[], links: readonly OptionLink[]): number {
  const slowest = Math.max(0, ...devices.map(({ seconds }) => seconds));
  return (
    devices.reduce((sum, { seconds }) => sum + seconds, 0) +
    links.reduce((sum, link) => sum + linkSeconds(link, link.bitsPerSecond, slowest), 0)
  );
}

/** Of those that are quantised; null where none is, or not all to the same. */
function bitsOf({ transfers }: Plan): number | null {
  const all = new Set(transfers.flatMap(({ codec }) => (codec.kind === 'affine' ? [codec.bits] : [])));
  const [only = null] = all;
  return all.size === 1 ? only : null;
}

/** Until every device has read its parameters, at the rates that the cluster states; no time where it states none. */
function loadingSeconds({ graph, cluster }: Problem, { stages }: Plan): number {
  const perDevice = cluster.devices.map(({ id, loadBytesPerSecond }) => {
    const nodes = stages.filter(({ device }) => device === id).flatMap((stage) => stage.nodes);
    const bytes = nodes.reduce((sum, node) => sum + (graph.nodes[node]?.parameterBytes ?? 0), 0);
    return loadBytesPerSecond === undefined ? 0 : bytes / loadBytesPerSecond;
  });
  return Math.max(0, ...perDevice);
}
