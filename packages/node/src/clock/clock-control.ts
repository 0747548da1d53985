import type { RowClock } from '@tandem/core';

/** A way to make this machine slower for a while. The measurement owns the loop; a control only does what it is told. */
export interface ClockControl {
  /** The speeds on offer beside the base, the fastest first. */
  readonly clocks: readonly RowClock[];
  /**
   * Called before each measurement with one of `clocks`, or null for the base, and the threads that will compute. Throws ResourceError
   * where the system refuses it, after giving back what had been changed.
   */
  set(clock: RowClock | null, threads: number): Promise<void>;
  /** Called with each measuring process before it is given work. */
  admit(pid: number): Promise<void>;
  /** Called once at every end: the machine is set as it was found. Throws ResourceError that says how to do it by hand. */
  restore(): Promise<void>;
}
