import type { Effect } from './dynamics-action.ts';
import type { DynamicsState } from './dynamics-state.ts';
import { rungNumber } from './ladder.ts';

const more = 0.9;
/** Inputs that are not what was calibrated with make early answers less sure. */
const surer = 1.25;

/** What the thresholds of early exits are multiplied by, for all that asks for it at once. */
export function exitEffect({ devices, load, quality }: DynamicsState): Effect {
  const hotRung = rungNumber('heat', 'exit-threshold');
  const isHot = Object.values(devices).some((device) => device.ladder.rung >= hotRung);
  const isBusy = load.ladder.rung >= rungNumber('load', 'exit-threshold');
  const isStrange = quality.ladder.rung >= rungNumber('quality', 'exit-threshold');
  return {
    kind: 'exit-threshold',
    factor: (isHot ? more : 1) * (isBusy ? more : 1) * (isStrange ? surer : 1),
  };
}
