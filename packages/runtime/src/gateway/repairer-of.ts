import {
  createEvaluator,
  type DeviceId,
  type Evaluator,
  InvalidInputError,
  objectiveValue,
  type Plan,
  type Problem,
  planOf,
  type Report,
  SuffixCuts,
  seconds,
} from '@tandem/core';
import { endsAmong } from './ends-among.ts';
import { type RecutOptions, recutterOf } from './recutter-of.ts';
import type { Repairer } from './repaired-deployment.ts';
import { standBysOf } from './stand-bys-of.ts';

/**
 * Prices other places for a plan's stages by the problem's objective; what does not fit a device's memory or lacks a link is no place.
 * Limits of latency and energy are dropped: late is better than not at all. Clocks stay as planned. Of a plan that runs requests in several
 * ways, the way that most take is priced. With a model, lost stages may be cut anew (`SuffixCuts`).
 */
export function repairerOf(problem: Problem, plan: Plan, cutting?: RecutOptions): Repairer {
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
  // What stages take is worked out once, because requests wait while places are compared.
  const evaluators = new Map<string, Evaluator>();
  const evaluate = (own: Plan, from: Problem): Report => {
    const ends = JSON.stringify([from.workload.source, from.workload.sink]);
    const evaluator = evaluators.get(ends) ?? createEvaluator(from);
    evaluators.set(ends, evaluator);
    return evaluator.evaluate(own);
  };
  const cost: Repairer['cost'] = (devices, survivors) => {
    const report = evaluate(planWith(devices), endsAmong(relaxed, devices, survivors));
    return report.violations.length > 0 ? null : objectiveValue(problem.objective, report);
  };
  const fits = (own: Plan): boolean => evaluate(own, relaxed).violations.length === 0;
  const cuts = cutting === undefined ? null : SuffixCuts.of(relaxed, plan);
  const recut = cuts === null || cutting === undefined ? null : recutterOf(relaxed, plan, cuts, cutting);
  return {
    recut: (left) => {
      const found = recut?.(left) ?? null;
      return found && { ...found, repairer: () => repairerOf(problem, found.plan, cutting) };
    },
    cost,
    standBys: (devices, alive) => standBysOf({ problem: relaxed, plan, cost, fits }, devices, alive),
    place: (stage, device) => {
      const found = problem.cluster.devices.find(({ id }) => id === device);
      if (found === undefined) throw unknownDevice(device);
      if (!found.emulated) return { threads: found.threads, paceSeconds: null };
      const devices = new Map(
        plan.stages.map((own, index) => [index, index === stage ? device : own.device]),
      );
      const report = evaluate(planWith(devices), relaxed);
      return {
        threads: found.threads,
        paceSeconds: report.stages[stage]?.computeSeconds ?? seconds(0),
      };
    },
  };
}

function unknownDevice(device: DeviceId): InvalidInputError {
  return new InvalidInputError(
    `device '${device}' is to take a stage, expected one of the cluster`,
    'Plan for the cluster that the gateway has joined.',
  );
}
