import type { Effect } from './dynamics-action.ts';
import type { DynamicsState } from './dynamics-state.ts';

/** From this rung on, a ladder lets more requests leave early. */
const heatRung = 3;
const loadRung = 3;
const more = 0.9;
/** Inputs that are not what was calibrated with make early answers less sure. */
const surer = 1.25;

/** What the thresholds of early exits are multiplied by, for all that asks for it at once. */
export function exitEffect({ devices, load, quality }: DynamicsState): Effect {
  const isHot = Object.values(devices).some((device) => device.ladder.rung >= heatRung);
  const isBusy = load.ladder.rung >= loadRung;
  const isStrange = quality.ladder.rung >= 1;
  return {
    kind: 'exit-threshold',
    factor: (isHot ? more : 1) * (isBusy ? more : 1) * (isStrange ? surer : 1),
  };
}
