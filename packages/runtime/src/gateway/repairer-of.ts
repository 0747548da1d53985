import {
  createEvaluator,
  type DeviceId,
  InvalidInputError,
  objectiveValue,
  type Plan,
  type Problem,
  planOf,
  seconds,
} from '@tandem/core';
import type { Repairer } from './repaired-deployment.ts';

/**
 * Prices other places for a plan's stages by the problem's objective; what does not fit a device's memory or lacks a link is no place.
 * Limits of latency and energy are dropped: late is better than not at all. Clocks stay as planned. Of a plan that runs requests in several
 * ways, the way that most take is priced.
 */
export function repairerOf(problem: Problem, plan: Plan): Repairer {
  const { memory, neverLeaveRawInput } = problem.constraints;
  const relaxed = { ...problem, constraints: { memory, neverLeaveRawInput } };
  const planWith = (devices: ReadonlyMap<number, DeviceId>): Plan =>
    planOf(
      relaxed,
      plan.problemDigest,
      plan.stages.map(({ device, nodes }, stage) => ({ device: devices.get(stage) ?? device, nodes })),
      plan.planner,
      plan.frequency === undefined ? {} : { frequency: plan.frequency },
    );
  return {
    cost: (devices, survivors) => {
      const from = endsAmong(relaxed, devices, survivors);
      const report = createEvaluator(from).evaluate(planWith(devices));
      return report.violations.length > 0 ? null : objectiveValue(problem.objective, report);
    },
    place: (stage, device) => {
      const found = problem.cluster.devices.find(({ id }) => id === device);
      if (found === undefined) throw unknownDevice(device);
      if (!found.emulated) return { threads: found.threads, paceSeconds: null };
      const devices = new Map(
        plan.stages.map((own, index) => [index, index === stage ? device : own.device]),
      );
      const report = createEvaluator(relaxed).evaluate(planWith(devices));
      return {
        threads: found.threads,
        paceSeconds: report.stages[stage]?.computeSeconds ?? seconds(0),
      };
    },
  };
}

/** Requests enter and leave where they did, or at the ends of the plan where that device is gone. */
function endsAmong(
  problem: Problem,
  devices: ReadonlyMap<number, DeviceId>,
  survivors: readonly DeviceId[],
): Problem {
  const { workload } = problem;
  const places = [...devices].sort(([left], [right]) => left - right).map(([, device]) => device);
  const source = survivors.includes(workload.source) ? workload.source : (places[0] ?? workload.source);
  const sink = survivors.includes(workload.sink) ? workload.sink : (places.at(-1) ?? workload.sink);
  return { ...problem, workload: { ...workload, source, sink } };
}

function unknownDevice(device: DeviceId): InvalidInputError {
  return new InvalidInputError(
    `device '${device}' is to take a stage, expected one of the cluster`,
    'Plan for the cluster that the gateway has joined.',
  );
}
