/** What agents, gateways and the simulator take unless they are told otherwise. */
export interface ScheduleDefaults {
  /**
   * Tensors of one (version, tensor, destination) that are sent and not acknowledged. Two let one travel while the other is worked
   * on; one works, and waits for each acknowledgement.
   */
  readonly queue: number;
  /** Requests of a version that the gateway has in flight, answers that their client has not taken included. */
  readonly window: number;
  /** Requests of a version that wait at the gateway before that. */
  readonly waiting: number;
}

export const scheduleDefaults: ScheduleDefaults = { queue: 4, window: 32, waiting: 1024 };

/** The default queue for a plan of these stages: while a batch runs, the next can gather. */
export function queueFor(stages: readonly { readonly batch?: number }[]): number {
  return stages.reduce((queue, { batch = 1 }) => Math.max(queue, 2 * batch), scheduleDefaults.queue);
}
