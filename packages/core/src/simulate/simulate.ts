import { type Trace, type TraceEvent, type TraceHeader, traceOf } from '../trace/trace.ts';
import type { Scenario } from './scenario.ts';
import { runScenario, type SimulationOptions } from './simulation.ts';

/**
 * What would happen: the schedules that run in agents and gateways, driven through the scenario by simulated time. The same scenario
 * and options give the same trace, event by event. Throws InvalidInputError on a scenario that names what it does not have.
 */
export function simulate(scenario: Scenario, options: SimulationOptions = {}): Trace {
  const events: TraceEvent[] = [];
  runScenario(scenario, (event) => events.push(event), options);
  return traceOf(traceHeader(scenario), events);
}

/** The header of a trace of this scenario. */
export function traceHeader({ model, devices, links, pipelines }: Scenario): TraceHeader {
  return {
    kind: 'trace',
    format: 1,
    origin: 'simulated',
    clock: 'simulated time, from the start of the scenario',
    model: model ?? '',
    devices: devices.map((device) => ({ device })),
    links: links.map(({ from, to }) => ({ from, to })),
    plans: pipelines.map(({ version, planner, stages }) => {
      const numbers = [...new Set(stages.map(({ stage }) => stage))];
      const devicesOf = (number: number): readonly string[] =>
        stages.flatMap(({ stage, device }) => (stage === number ? [device] : []));
      return {
        version,
        planner: planner ?? '',
        stages: numbers.map((stage) => ({ stage, devices: devicesOf(stage) })),
      };
    }),
  };
}
