import {
  type AffineBits,
  type Clock,
  ConfidenceHead,
  createRandom,
  encodedActivationBytes,
  type FeatureLayout,
  featureLayout,
  featureSize,
  InvalidInputError,
  type KnownCentres,
  type Label,
  OnlineDecisions,
  type Pace,
  poolFeature,
  type Random,
} from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';
import type { DecidedWay, DeployedDecision } from '../gateway/deployed-decision.ts';
import type { DeployedTensor, Deployment } from '../gateway/deployment.ts';
import type { LinkRates } from './link-rates.ts';

/** What was decided about a request at the end of a stage. */
export interface Decided {
  /** Not null: it is answered here. */
  readonly exit: { readonly label: Label; readonly score: number } | null;
  /** It crosses with; null = as the routes say. */
  readonly bits: AffineBits | null;
}

interface OpenWay extends DecidedWay {
  readonly shape: readonly number[];
  readonly perChannel: boolean;
}

/** Each request counts 1/8 in what a device takes. */
const weight = 1 / 8;

/** Decides at the end of one stage of one deployment, as core/schedule/online says; holds what that needs of the runtime. */
export class StageDecider {
  readonly decision: DeployedDecision;
  readonly #clock: Clock;
  readonly #rates: LinkRates;
  readonly #layouts: readonly FeatureLayout[];
  readonly #feature: Float32Array;
  readonly #decider: ConfidenceHead | OnlineDecisions;
  readonly #ways: readonly OpenWay[];
  readonly #random: Random;
  #ownSeconds: number | null = null;
  #slowerSeconds: number;

  /** Throws InvalidInputError where the tensors are not what was calibrated. `matrix` is the decision's own. */
  constructor(
    deployment: Deployment,
    decision: DeployedDecision,
    matrix: Float32Array,
    clock: Clock,
    rates: LinkRates,
  ) {
    const tensors = decision.tensors.map((name) => declaredTensor(deployment, name));
    this.decision = decision;
    this.#clock = clock;
    this.#rates = rates;
    this.#layouts = tensors.map(({ shape }) => featureLayout(shape));
    const size = featureSize(this.#layouts);
    if (size !== decision.channels) throw otherCut(decision, size);
    this.#feature = new Float32Array(size);
    this.#decider = deciderOf(decision, matrix);
    this.#ways = waysOf(deployment, decision);
    this.#slowerSeconds = decision.bits?.slowerSeconds ?? 0;
    this.#random = createRandom(decision.stage).split(`audits of version ${deployment.version}`);
  }

  /** What a person should know, one sentence; null = nothing. */
  get note(): string | null {
    return this.#decider.exitsOff ?? this.#decider.recalibrate;
  }

  /** `busySeconds` is what the stage took, of a batch the request's part. */
  decide(request: number, outputs: readonly TensorValue[], busySeconds: number): Decided {
    this.#ownSeconds = moved(this.#ownSeconds, busySeconds);
    const { tensors, bits } = this.decision;
    const values = tensors.map((name) => floatsOf(outputs.find((output) => output.name === name)));
    // A mean that is no number is decided on as well: such a request stays, and teaches nothing.
    poolFeature(this.#layouts, values, this.#feature);
    const decided = this.#decider.decide(
      request,
      this.#feature,
      this.#pace(),
      this.#random,
      this.#clock.now(),
    );
    const { kind, label, separability: score } = decided;
    if (kind === 'leave' && label !== null) return { exit: { label, score }, bits: null };
    if (bits === null) return { exit: null, bits: null };
    return { exit: null, bits: clamp(decided.bits, bits.least, bits.most) };
  }

  answered(request: number, label: Label, slowerSeconds: number | null): void {
    if (slowerSeconds !== null) this.#slowerSeconds = moved(this.#slowerSeconds, slowerSeconds);
    this.#decider.answered(request, label, this.#clock.now());
  }

  forget(request: number): void {
    this.#decider.forget(request);
  }

  /** What was learned. */
  known(): KnownCentres {
    return this.#decider.known();
  }

  covers(tensor: string, to: string): boolean {
    return this.#ways.some((way) => way.tensor === tensor && way.to === to);
  }

  /** Null where a rate is not known yet. */
  #pace(): Pace | null {
    const { bits } = this.decision;
    const rates = this.#ways.map(({ to }) => this.#rates.bitsPerSecond(to));
    if (bits === null || rates.length === 0 || rates.includes(null)) return null;
    return {
      slowerSeconds: Math.max(this.#slowerSeconds, this.#ownSeconds ?? 0),
      transferSeconds: (own) => {
        let seconds: number = bits.oneWaySeconds;
        for (const [at, { shape, perChannel }] of this.#ways.entries()) {
          const payload = encodedActivationBytes(shape, { kind: 'affine', bits: own, perChannel });
          seconds += (8 * payload) / (rates[at] ?? 1);
        }
        return seconds;
      },
    };
  }
}

const moved = (mean: number | null, value: number): number =>
  mean === null || mean === 0 ? value : mean + (value - mean) * weight;

function clamp(bits: AffineBits, least: AffineBits, most: AffineBits): AffineBits {
  if (bits < least) return least;
  return bits > most ? most : bits;
}

function deciderOf(
  { by, channels, labels, bits }: DeployedDecision,
  matrix: Float32Array,
): ConfidenceHead | OnlineDecisions {
  const choice = bits === null ? {} : { rule: bits.rule, mostBits: bits.most };
  if (by.kind === 'confidence') {
    const { exitAbove, offlineBits, auditShare, mostLoss, factor } = by;
    const head = { channels, labels, weights: matrix, exitAbove, offlineBits };
    return new ConfidenceHead(head, { ...choice, auditShare, mostLoss, factor });
  }
  const { thresholds, counts, factor, similarity, leastCount, auditShare, mostLoss } = by;
  const centres = labels.map((label, row) => {
    const centre = matrix.subarray(row * channels, (row + 1) * channels);
    return { label, count: counts[row] ?? 0, centre };
  });
  const options = { ...choice, similarity, leastCount, auditShare, mostLoss };
  return new OnlineDecisions(channels, thresholds, { centres, factor }, options);
}

function waysOf({ routes, ...deployment }: Deployment, { bits }: DeployedDecision): readonly OpenWay[] {
  return (bits?.ways ?? []).map((way) => {
    const route = routes.find(({ tensor, to }) => tensor === way.tensor && to === way.to);
    const codec = route?.codec;
    const { shape } = declaredTensor({ routes, ...deployment }, way.tensor);
    return { ...way, shape, perChannel: codec?.kind === 'affine' && codec.perChannel };
  });
}

function declaredTensor({ tensors }: Deployment, name: string): DeployedTensor {
  const tensor = tensors.find((candidate) => candidate.name === name);
  if (tensor?.type === 'float32') return tensor;
  throw new InvalidInputError(
    `tensor ${name} is ${tensor?.type ?? 'not there'}, expected float32 where requests are decided about`,
    'Calibrate a cut of float32 tensors.',
  );
}

function floatsOf(value: TensorValue | undefined): Float32Array {
  if (value === undefined) return new Float32Array(0);
  const isPlaced = value.data.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset, length } = isPlaced ? value.data : new Uint8Array(value.data);
  return new Float32Array(buffer, byteOffset, length / Float32Array.BYTES_PER_ELEMENT);
}

function otherCut({ stage, channels }: DeployedDecision, size: number): InvalidInputError {
  return new InvalidInputError(
    `the decision at stage ${stage} was calibrated on ${channels} channels, and its tensors have ${size}`,
    'Calibrate this cut.',
  );
}
