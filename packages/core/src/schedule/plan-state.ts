import { NumberMap } from '../search/number-map.ts';
import type { AgentPlan } from './agent-plan.ts';
import type { Lane, PlanState, StageState, TensorPart } from './agent-state.ts';
import { scheduleDefaults } from './schedule-defaults.ts';

interface OpenPart extends TensorPart {
  readonly arrivals: AgentPlan['arrivals'][number][];
  readonly readers: StageState[];
  readonly lanes: Lane[];
}

/** A plan just deployed: nothing begun, every credit free. */
export function planState(plan: AgentPlan): PlanState {
  const tensors = new Map<string, OpenPart>();
  const part = (tensor: string): OpenPart => {
    const known = tensors.get(tensor);
    if (known !== undefined) return known;
    const fresh = { tensor, index: tensors.size, arrivals: [], readers: [], lanes: [] };
    tensors.set(tensor, fresh);
    return fresh;
  };
  for (const arrival of plan.arrivals) part(arrival.tensor).arrivals.push(arrival);
  const stages = plan.stages.map((stage, position): StageState => {
    const inputs = stage.inputs.map(part);
    const outputs = stage.outputs.map(part);
    const fresh = { next: 0, waitingSends: 0, dueAt: null, slowestSeconds: null };
    const state = { stage, position, inputs, outputs, ...fresh };
    for (const input of inputs) input.readers.push(state);
    return state;
  });
  const lanes = plan.departures.flatMap(({ tensor, to, share }) =>
    to.map((party): Lane => {
      const free = Math.max(1, plan.queue ?? scheduleDefaults.queue);
      const lane = { tensor, to: party, share, free, waiting: [] };
      part(tensor).lanes.push(lane);
      return lane;
    }),
  );
  // What is needed first is sent first: departures are in that order.
  const turn = ({ lanes: [first] }: TensorPart): number =>
    first === undefined ? lanes.length : lanes.indexOf(first);
  for (const { outputs } of stages) outputs.sort((left, right) => turn(left) - turn(right));
  return { plan, tensors, stages, lanes, requests: new NumberMap(), endedTickets: new Set(), frozen: false };
}
