import type { Seconds } from '../../units.ts';
import { chooseOption } from './choose-option.ts';
import type { DynamicsAction } from './dynamics-action.ts';
import type { DynamicsEvent } from './dynamics-event.ts';
import { ask, type DynamicsState, type DynamicsWork } from './dynamics-state.ts';
import {
  watchBattery,
  watchClock,
  watchDevice,
  watchStage,
  watchTemperature,
  watchThrottle,
} from './watch-heat.ts';
import { watchArrival, watchLoad } from './watch-load.ts';
import { watchCommand } from './watch-mission.ts';
import { watchGoodput, watchLink, watchRoundTrip } from './watch-network.ts';
import { recalibrated, watchConfidence, watchSensor } from './watch-quality.ts';

export interface DynamicsStep {
  readonly state: DynamicsState;
  /** In the order in which they were decided. */
  readonly actions: readonly DynamicsAction[];
  /** When to send a 'tick' at the latest; null = nothing is due. */
  readonly wakeAt: Seconds | null;
}

/**
 * How a running plan adapts to the six dynamics of Ng et al. (the network, lost nodes, heat and batteries, the mission, what comes in, the
 * load): what was read goes in, what to do about it comes out, each with what was seen and weighed and why. Synchronous, without a clock;
 * `state` is changed in place. A plan is switched where the gain within the horizon pays for the switch, at most once in the
 * dwell of what asks for it, and not at all after too many switches; failures, broken constraints and commands wait for nothing.
 * Other reactions are taken one by one, the cheapest first, and taken back in the opposite order.
 */
export function stepDynamics(state: DynamicsState, event: DynamicsEvent, now: Seconds): DynamicsStep {
  const work: DynamicsWork = { state, now, actions: [] };
  apply(work, event);
  const wakeAt = chooseOption(work);
  return { state, actions: work.actions, wakeAt: wakeAt as Seconds | null };
}

function apply(work: DynamicsWork, event: DynamicsEvent): void {
  switch (event.kind) {
    case 'goodput':
      return watchGoodput(work, event);
    case 'round-trip':
      return watchRoundTrip(work, event);
    case 'link':
      return watchLink(work, event);
    case 'device':
      return watchDevice(work, event);
    case 'stage':
      return watchStage(work, event);
    case 'clock':
      return watchClock(work, event);
    case 'temperature':
      return watchTemperature(work, event);
    case 'throttle':
      return watchThrottle(work, event);
    case 'battery':
      return watchBattery(work, event);
    case 'command':
      return watchCommand(work, event);
    case 'confidence':
      return watchConfidence(work, event);
    case 'recalibrated':
      return recalibrated(work);
    case 'sensor':
      return watchSensor(work, event);
    case 'arrival':
      return watchArrival(work);
    case 'load':
      return watchLoad(work, event);
    case 'options':
      work.state.options = event.options;
      return ask(work.state, 'network', 'planning in the background has ended');
    case 'tick':
      return;
  }
}
