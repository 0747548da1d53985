import {
  type AffineBits,
  type AgentOutcome,
  type Clock,
  type DeviceId,
  errorRecord,
  type Label,
  type Party,
} from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';
import { columnsOf, type DeployedDecision } from '../gateway/deployed-decision.ts';
import type { Deployment } from '../gateway/deployment.ts';
import type { Answered, CentresMessage, DecisionNote } from '../wire/message.ts';
import type { LinkRates } from './link-rates.ts';
import { type Decided, StageDecider } from './stage-decider.ts';

export interface StageDecidersOptions {
  readonly device: DeviceId;
  readonly clock: Clock;
  readonly rates: LinkRates;
  /** Called when what a person should know of a decision becomes something else. */
  readonly onNote: (note: Omit<DecisionNote, 'kind'>) => void;
}

interface Turn {
  readonly version: number;
  readonly stage: number;
  readonly request: number;
}

interface Place {
  /** Null where it cannot decide: nothing leaves, and everything crosses as the routes say. */
  readonly decider: StageDecider | null;
  readonly decision: DeployedDecision;
  note: string | null;
}

const undecided: Decided = { exit: null, bits: null };
const noMatrix: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** What one device decides at the ends of its stages, by version, and what it decided about the requests that are here. */
export class StageDeciders {
  readonly #options: StageDecidersOptions;
  readonly #places: Map<number, Map<number, Place>> = new Map();
  readonly #exits: Map<number, { readonly label: Label; readonly score: number }> = new Map();
  readonly #bits: Map<number, { readonly decider: StageDecider; readonly bits: AffineBits }[]> = new Map();

  constructor(options: StageDecidersOptions) {
    this.#options = options;
  }

  /** `body`: the matrices of all decisions. One that does not fit its tensors is off, and says why. */
  load(deployment: Deployment, body: Uint8Array<ArrayBuffer>): void {
    const places = new Map<number, Place>();
    this.#places.set(deployment.version, places);
    let start = 0;
    for (const decision of deployment.decisions ?? []) {
      const length = decision.labels.length * columnsOf(decision);
      const matrix = new Float32Array(body.buffer, body.byteOffset + start, length);
      start += matrix.byteLength;
      const stage = deployment.stages.find((other) => other.stage === decision.stage && this.#isOwn(other));
      if (stage === undefined) continue;
      const place = this.#placeOf(deployment, decision, matrix.slice());
      places.set(decision.stage, place);
      this.#tell(deployment.version, decision.stage, place);
    }
  }

  unload(version: number): void {
    this.#places.delete(version);
  }

  /** Whether the request leaves with what the stage made, and with how many bits that crosses otherwise. */
  decide({ version, stage, request }: Turn, outputs: readonly TensorValue[], busySeconds: number): Decided {
    const place = this.#places.get(version)?.get(stage);
    if (!place?.decider) return undecided;
    const decided = place.decider.decide(request, outputs, busySeconds);
    if (decided.exit !== null) this.#exits.set(request, decided.exit);
    if (decided.bits !== null) {
      const chosen = this.#bits.get(request) ?? [];
      this.#bits.set(request, [...chosen, { decider: place.decider, bits: decided.bits }]);
    }
    return decided;
  }

  /** How a request that leaves is answered. */
  exitOf(request: number): { readonly label: Label; readonly score: number } | null {
    return this.#exits.get(request) ?? null;
  }

  /** What was chosen for the tensor; null = nothing. */
  bitsOf(request: number, tensor: string, to: Party): AffineBits | null {
    if (to === null) return null;
    return this.#bits.get(request)?.find(({ decider }) => decider.covers(tensor, to))?.bits ?? null;
  }

  /** The request is over here. What the server says of it may still come, unless there will be nothing to say. */
  end(request: number, outcome: AgentOutcome): void {
    this.#exits.delete(request);
    this.#bits.delete(request);
    if (outcome === 'done') return;
    for (const places of this.#places.values())
      for (const { decider } of places.values()) decider?.forget(request);
  }

  answered({ version, request, label, slowerSeconds }: Answered): void {
    for (const [stage, place] of this.#places.get(version) ?? []) {
      place.decider?.answered(request, label, slowerSeconds);
      this.#tell(version, stage, place);
    }
  }

  learned(
    version: number,
    stage: number,
  ): { readonly learned: CentresMessage; readonly matrix: Uint8Array<ArrayBuffer> } {
    const place = this.#places.get(version)?.get(stage);
    const { centres, factor = 1 } = place?.decider?.known() ?? { centres: [] };
    const channels = place?.decision.channels ?? 1;
    const matrix = centres.length === 0 ? noMatrix : new Uint8Array(4 * centres.length * channels);
    const values = new Float32Array(matrix.buffer);
    for (const [row, { centre }] of centres.entries()) values.set(centre, row * channels);
    const labels = centres.map(({ label }) => label);
    const counts = centres.map(({ count }) => count);
    const known = { channels, labels, counts, factor, note: place?.note ?? null };
    return { learned: { kind: 'centres', version, stage, ...known }, matrix };
  }

  #isOwn({ device }: { readonly device: DeviceId }): boolean {
    return device === this.#options.device;
  }

  #placeOf(deployment: Deployment, decision: DeployedDecision, matrix: Float32Array): Place {
    const { clock, rates } = this.#options;
    try {
      const decider = new StageDecider(deployment, decision, matrix, clock, rates);
      return { decider, decision, note: null };
    } catch (error) {
      const note = `Exits are off, and the bits are the plan's: ${errorRecord(error).message}.`;
      this.#options.onNote({ version: deployment.version, stage: decision.stage, note });
      return { decider: null, decision, note };
    }
  }

  #tell(version: number, stage: number, place: Place): void {
    const note = place.decider === null ? place.note : place.decider.note;
    if (note === place.note) return;
    place.note = note;
    this.#options.onNote({ version, stage, note });
  }
}
