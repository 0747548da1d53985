import { rateAt } from '../cluster/rate-at.ts';
import { evaluate } from '../cost/evaluate.ts';
import type { Report } from '../cost/report.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import type { OptionDevice, OptionLink, PlanOption } from '../schedule/dynamics/plan-option.ts';

/** What adaptation has to know of a plan, at the times that `evaluate` gives it; throws InvalidInputError as that does. */
export function planOptionOf(problem: Problem, plan: Plan): PlanOption {
  const report = evaluate(problem, plan);
  const devices = report.devices.map(({ device, busySeconds }) => ({ device, seconds: busySeconds }));
  const links = linksOf(problem, report);
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

const servedSeconds = (devices: readonly OptionDevice[], links: readonly OptionLink[]): number =>
  devices.reduce((sum, { seconds }) => sum + seconds, 0) +
  links.reduce(
    (sum, { messageSeconds, bits, bitsPerSecond }) => sum + messageSeconds + bits / bitsPerSecond,
    0,
  );

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
