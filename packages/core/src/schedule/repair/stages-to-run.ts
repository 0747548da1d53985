/** What a stage reads and makes, by names. */
export interface StageTensors {
  readonly stage: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface Breakpoint {
  /** Stages that have to run (again), ascending. */
  readonly run: readonly number[];
  /** Live tensors from which they go on, and live ones that are wanted as they are. */
  readonly from: readonly string[];
}

/**
 * The latest breakpoint of a request: the fewest stages whose outputs, with the tensors that somebody still holds, give all that is
 * wanted. Every other stage counts as completed. Those are at least the stages of every downward-closed cut whose boundary tensors
 * are live; they can be more, because a stage behind one that has to run again need not run again where all that it
 * made is still there. Null = a tensor that no stage makes is wanted and gone.
 */
export function stagesToRun(
  stages: readonly StageTensors[],
  wanted: Iterable<string>,
  isLive: (tensor: string) => boolean,
): Breakpoint | null {
  const makers = new Map(stages.flatMap((stage) => stage.outputs.map((tensor) => [tensor, stage] as const)));
  const run = new Map<number, StageTensors>();
  const from = new Set<string>();
  const open = [...wanted];
  for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
    if (isLive(tensor)) {
      from.add(tensor);
      continue;
    }
    const maker = makers.get(tensor);
    if (maker === undefined) return null;
    if (run.has(maker.stage)) continue;
    run.set(maker.stage, maker);
    open.push(...maker.inputs);
  }
  for (const { outputs } of run.values()) for (const tensor of outputs) from.delete(tensor);
  return { run: [...run.keys()].sort((left, right) => left - right), from: [...from].sort() };
}
