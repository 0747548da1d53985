import { isBare } from '../codec/codec.ts';
import { InvalidInputError } from '../errors.ts';
import type { TensorId } from '../graph/graph.ts';
import type { Plan } from '../plan/plan.ts';
import { type TransferCodec, transferBytes } from '../plan/transfer-codec.ts';
import { occupiedFrom, occupiedSeconds, type TransferCoefficients } from './cost-tables.ts';
import { ListScheduler } from './list-schedule.ts';
import type { PlacedStage } from './placed-stage.ts';
import { linkBetween, nowhere, type ProblemIndex, resourceCount } from './problem-index.ts';
import { areAnswers, areInputs, readsOnly } from './relay.ts';
import { ResourceUses } from './resource-uses.ts';

/**
 * The work of one request under a plan, stages first, then transfers, both in the plan's order. A stage runs as one piece: it
 * starts when all it reads is there and gives all its outputs at its end, as a model runtime does. To send a tensor while the
 * same device goes on, a plan parts the stage after it (`partForOverlap`). Resources are the devices, then the links of the
 * transfer table, then one for all transfers between devices that no link connects: those never end.
 */
export class RequestSchedule {
  readonly tasks: ListScheduler = new ListScheduler();
  /** Of resources by the request: of the last `run` without `free`. */
  readonly uses: ResourceUses;
  readonly #index: ProblemIndex;
  /** By tensor: the stage that yields it and the last of the transfers that send it; -1 = none. */
  readonly #producer: Int32Array;
  readonly #sent: Int32Array;
  /** By transfer: the one before it that sends the same tensor. */
  readonly #sentBefore: number[] = [];

  constructor(index: ProblemIndex) {
    this.#index = index;
    this.uses = new ResourceUses(index);
    this.#producer = new Int32Array(index.tensorBytes.length).fill(-1);
    this.#sent = new Int32Array(index.tensorBytes.length).fill(-1);
  }

  /**
   * `free`: by resource, when it has done the requests before this one. Throws InvalidInputError on a tensor that no transfer brings,
   * and on stages that wait for each other.
   */
  run(
    plan: Pick<Plan, 'transfers'>,
    stages: readonly PlacedStage[],
    free: readonly number[] | null = null,
  ): void {
    if (free === null && this.#runRelay(plan.transfers, stages)) return;
    this.tasks.reset(stages.length + plan.transfers.length, resourceCount(this.#index));
    if (free !== null) this.tasks.occupyUntil(free);
    try {
      for (let stage = 0; stage < stages.length; stage++) this.#setStage(stages[stage], stage);
      this.#setTransfers(plan, stages.length);
      for (let stage = 0; stage < stages.length; stage++) this.#setNeeds(plan, stages, stage);
    } finally {
      this.#forget(plan, stages);
    }
    if (!this.tasks.run()) throw waitForEachOther();
    if (free === null) this.uses.count(this.tasks, stages);
  }

  /**
   * The list schedule, without its queues, of stages that hand a request on like a baton: each reads what the one before it yields and
   * nothing else, the first what enters the graph; what crosses for a stage is listed stage by stage, tensors ascending, and behind that
   * only what the last stage sends to the sink, as `planOf` lists it. Then each stage waits for all before it, and what crosses for one
   * stage is ready at the same moment and takes the same link, and nothing waits for a batch: no two tasks ever compete in another way
   * than by their turn in the list, so every schedule that wastes no time runs them one after the other. False, with the lists half
   * filled, for any other plan.
   */
  #runRelay(transfers: Plan['transfers'], stages: readonly PlacedStage[]): boolean {
    const index = this.#index;
    const { source, sink } = index.problem.workload;
    const { tasks, uses } = this;
    let last = stages[0];
    if (last === undefined || index.source < 0 || !last.facts.startsGraph) return false;
    tasks.begin(stages.length + transfers.length);
    uses.begin();
    let device = index.source;
    let deviceId = source;
    let sent = 0;
    let time = 0;
    for (let stage = 0; stage < stages.length; stage++) {
      const placed = stages[stage];
      if (placed === undefined || placed.together !== null) return false;
      if (stage > 0 && !readsOnly(placed, last)) return false;
      last = placed;
      if (placed.device !== device) {
        if (!areInputs(transfers, sent, deviceId, placed)) return false;
        const until = sent + placed.facts.inputs.length;
        time = this.#send(transfers, sent, until, linkBetween(index, device, placed.device), time);
        sent = until;
        device = placed.device;
        deviceId = placed.deviceId;
      }
      const { occupiedSeconds: occupied } = placed;
      const task = tasks.placeNext(stage, device, time, occupied, occupied, 0, 0);
      uses.add(task, 1);
      time = task.endSeconds;
    }
    if (!areAnswers(transfers, sent, last, sink)) return false;
    this.#send(transfers, sent, transfers.length, linkBetween(index, device, index.sink), time);
    return true;
  }

  /** Sends the transfers from `first` to before `until` over `link`, all of them ready at `start`; returns when the last is there. */
  #send(transfers: Plan['transfers'], first: number, until: number, link: number, start: number): number {
    if (first === until) return start;
    const { deviceIds, transfer } = this.#index;
    const { tasks, uses } = this;
    const firstTask = tasks.count - transfers.length;
    const row = link < 0 ? undefined : transfer.links[link];
    const resource = deviceIds.length + (row === undefined ? transfer.links.length : link);
    const delay = row === undefined ? 0 : row.delaySeconds;
    let time = start;
    for (let at = first; at < until; at++) {
      const { tensor = -1, codec = rawCodec } = transfers[at] ?? {};
      const size = this.#sizeOf(tensor, codec);
      const listed = row === undefined ? Number.POSITIVE_INFINITY : occupiedSeconds(row, size);
      const occupied =
        row === undefined || row.trace === null ? listed : occupiedNow(row, size, time, listed);
      const task = tasks.placeNext(firstTask + at, resource, time, listed, occupied, delay, size);
      uses.add(task, 1);
      time = task.endSeconds;
    }
    return time + delay;
  }

  /** Takes back what was noted by tensor: cheaper than to clear the notes of all tensors of the graph. */
  #forget({ transfers }: Pick<Plan, 'transfers'>, stages: readonly PlacedStage[]): void {
    for (const { facts } of stages) for (const tensor of facts.outputs) this.#producer[tensor] = -1;
    for (const { tensor } of transfers) this.#sent[tensor] = -1;
  }

  #setStage(placed: PlacedStage | undefined, stage: number): void {
    if (placed === undefined) return;
    // What waits for its batch to fill does not occupy the device: counted behind the stage, it delays the request alike.
    const wait = placed.together?.waitSeconds ?? 0;
    this.tasks.set(stage, placed.device, placed.occupiedSeconds, wait, false, null, 0);
    for (const tensor of placed.facts.outputs) this.#producer[tensor] = stage;
  }

  #setTransfers({ transfers }: Pick<Plan, 'transfers'>, firstTask: number): void {
    const { devices } = this.#index;
    for (let at = 0; at < transfers.length; at++) {
      const { tensor = -1, from = '', to = '', codec = rawCodec } = transfers[at] ?? {};
      const link = linkBetween(this.#index, devices.get(from) ?? -1, devices.get(to) ?? -1);
      const size = this.#sizeOf(tensor, codec);
      this.#setTransfer(firstTask + at, link, size);
      const producer = this.#producer[tensor] ?? -1;
      if (producer >= 0) this.tasks.follow(firstTask + at, producer);
      this.#sentBefore[at] = this.#sent[tensor] ?? -1;
      this.#sent[tensor] = at;
    }
  }

  #sizeOf(tensor: TensorId, codec: TransferCodec): number {
    if (isBare(codec)) return this.#index.tensorBytes[tensor] ?? 0;
    const row = this.#index.problem.graph.tensors[tensor];
    return row === undefined ? 0 : transferBytes(row, codec);
  }

  #setTransfer(task: number, link: number, size: number): void {
    const { deviceIds, transfer } = this.#index;
    const row = transfer.links[link];
    if (row === undefined) {
      this.tasks.set(task, nowhere(this.#index), Number.POSITIVE_INFINITY, 0, true, null, size);
      return;
    }
    this.tasks.set(
      task,
      deviceIds.length + link,
      occupiedSeconds(row, size),
      row.delaySeconds,
      true,
      occupiedFrom(row, size),
      size,
    );
  }

  #setNeeds(plan: Pick<Plan, 'transfers'>, stages: readonly PlacedStage[], stage: number): void {
    const placed = stages[stage];
    if (placed === undefined) return;
    for (const tensor of placed.facts.inputs) {
      const producer = this.#producer[tensor] ?? -1;
      const origin = producer < 0 ? this.#index.source : stages[producer]?.device;
      if (origin !== placed.device)
        this.tasks.follow(stage, stages.length + this.#arrival(plan, tensor, placed));
      else if (producer >= 0) this.tasks.follow(stage, producer);
    }
  }

  /** Position of the transfer that brings `tensor`. */
  #arrival({ transfers }: Pick<Plan, 'transfers'>, tensor: TensorId, { deviceId }: PlacedStage): number {
    let at = this.#sent[tensor] ?? -1;
    while (at >= 0 && transfers[at]?.to !== deviceId) at = this.#sentBefore[at] ?? -1;
    if (at >= 0) return at;
    throw new InvalidInputError(
      `no transfer brings tensor ${tensor} to device '${deviceId}', which reads it`,
      'Make plans with planOf, and check those from elsewhere with validatePlan.',
    );
  }
}

/** On a link whose rate changes; what never starts does not ask for it. */
function occupiedNow(row: TransferCoefficients, size: number, start: number, listed: number): number {
  const occupied = occupiedFrom(row, size);
  return occupied === null || start === Number.POSITIVE_INFINITY ? listed : occupied(start);
}

const rawCodec: TransferCodec = { kind: 'raw' };

function waitForEachOther(): InvalidInputError {
  return new InvalidInputError(
    'stages of the plan wait for each other, expected an order in which all can run',
    'Check plans from elsewhere with validatePlan before pricing them.',
  );
}
