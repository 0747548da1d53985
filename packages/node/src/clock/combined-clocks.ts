import type { RowClock } from '@tandem/core';
import type { ClockControl } from './clock-control.ts';

/** Several controls as one: while one of them slows the machine, the others keep their base. None = the machine as it is found. */
export function combinedClocks(controls: readonly ClockControl[]): ClockControl {
  const owns = ({ clocks }: ClockControl, clock: RowClock | null): boolean =>
    clock !== null && clocks.includes(clock);
  return {
    clocks: controls.flatMap(({ clocks }) => clocks),
    set: async (clock, threads) => {
      for (const control of controls) await control.set(owns(control, clock) ? clock : null, threads);
    },
    admit: async (pid) => {
      for (const control of controls) await control.admit(pid);
    },
    restore: async () => {
      const ends = await Promise.allSettled(controls.map((control) => control.restore()));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
  };
}
