import type { AffineBits } from '../codec/codec.ts';
import { chooseBits } from '../plan/choose-bits.ts';
import type { BitsShare } from '../plan/policies.ts';
import { createRandom } from '../random.ts';
import {
  type BandwidthEstimate,
  expectedBitsPerSecond,
  withTransfer,
} from '../schedule/online/bandwidth-estimate.ts';
import { bytes } from '../units.ts';
import { wayKey } from './busy-times.ts';
import type { Scenario, ScenarioBits, ScenarioDecisions, ScenarioPipeline } from './scenario.ts';
import type { SimulationContext } from './simulation-context.ts';
import type { HookedCarriage, HookedTransfer, SimulationHooks } from './simulation-hooks.ts';

/** How sure requests are about leaving early, and what is asked of them. */
export interface Sureness {
  /** A request drawn at `u`, uniform between 0 and 1, is sure by (1 − u) times this. */
  quality(): number;
  /** What has to be reached is multiplied by it. */
  threshold(): number;
  /** A request came by its first exit. */
  seen(confidence: number): void;
}

const alwaysSure: Sureness = { quality: () => 1, threshold: () => 1, seen: () => undefined };

/** Requests whose bits are remembered, since all that one sends has the same. */
const mostRemembered = 4096;

/**
 * The decisions that a scenario's pipelines state: exits and bits by share or by request, bits by the rule that agents follow. What
 * becomes of a request depends on the seed and its number alone, so that it is the same whatever else happens. No hooks where nothing is
 * decided.
 */
export function decisionHooks(
  { pipelines }: Scenario,
  seed: number,
  sureness: () => Sureness = () => alwaysSure,
): SimulationHooks {
  const rates = new SeenRates();
  const deciding = pipelines.flatMap(({ version, decisions }): [number, RequestDecisions][] =>
    decisions === undefined
      ? []
      : [[version, new RequestDecisions(version, decisions, { seed, sureness, rates })]],
  );
  if (deciding.length === 0) return {};
  const known = new Map(deciding);
  return {
    exits: ({ version, stage }, request) => known.get(version)?.leaves(request, stage) ?? false,
    transfer: (transfer) => known.get(transfer.version)?.sent(transfer) ?? null,
    carried: (carriage) => rates.learn(carriage),
  };
}

/** What devices know of the rates of their links: what transfers over them took. */
class SeenRates {
  readonly #estimates: Map<string, BandwidthEstimate | null> = new Map();

  learn({ from, to, bytes: carried, seconds }: HookedCarriage): void {
    const key = wayKey({ from, to });
    this.#estimates.set(key, withTransfer(this.#estimates.get(key) ?? null, carried, seconds));
  }

  /** Null before the first transfer. */
  bitsPerSecond(way: Pick<HookedTransfer, 'from' | 'to'>): number | null {
    return expectedBitsPerSecond(this.#estimates.get(wayKey(way)) ?? null);
  }
}

interface DecidedBy {
  readonly seed: number;
  readonly sureness: () => Sureness;
  readonly rates: SeenRates;
}

/** How the answers of exits travel. */
export function answerLookup({ pipelines }: Scenario): SimulationContext['exitAnswer'] {
  const known = new Map(
    pipelines.map((pipeline): [number, ScenarioPipeline] => [pipeline.version, pipeline]),
  );
  return (version, number) => {
    const { decisions, sink, stages } = known.get(version) ?? { sink: null, stages: [] };
    const exit = decisions?.exits?.find(({ stage }) => stage === number);
    const isThere = stages.some(({ stage, device }) => stage === number && device === sink);
    return exit === undefined || isThere
      ? { sink: null, bytes: bytes(0) }
      : { sink, bytes: exit.answerBytes };
  };
}

class RequestDecisions {
  readonly #decisions: ScenarioDecisions;
  readonly #name: string;
  readonly #seed: number;
  readonly #sureness: () => Sureness;
  readonly #rates: SeenRates;
  readonly #bits: Map<number, AffineBits> = new Map();

  constructor(version: number, decisions: ScenarioDecisions, { seed, sureness, rates }: DecidedBy) {
    this.#decisions = decisions;
    this.#name = `decisions of ${version}`;
    this.#seed = seed;
    this.#sureness = sureness;
    this.#rates = rates;
  }

  leaves(request: number, stage: number): boolean {
    const outcome = this.#outcome(request);
    if (outcome !== null) return outcome.exitStage === stage;
    const { exits = [] } = this.#decisions;
    const sureness = this.#sureness();
    const confidence = (1 - this.#draw(request, 'exit')) * sureness.quality();
    if (stage === exits[0]?.stage) sureness.seen(confidence);
    let draw = 1 - confidence / sureness.threshold();
    for (const exit of exits) {
      if (draw < exit.share) return exit.stage === stage;
      draw -= exit.share;
    }
    return false;
  }

  sent(transfer: HookedTransfer): { readonly bytes: number; readonly bits: AffineBits } | null {
    const { bits } = this.#decisions;
    const coded = bits?.transfers.find((other) => isSame(other, transfer));
    if (bits === undefined || coded === undefined) return null;
    const chosen = this.#chosen(bits, transfer);
    const size = coded.sizes.find((other) => other.bits === chosen);
    return { bytes: size?.bytes ?? transfer.bytes, bits: chosen };
  }

  #chosen(bits: ScenarioBits, transfer: HookedTransfer): AffineBits {
    const { request } = transfer;
    const known = this.#bits.get(request);
    if (known !== undefined) return known;
    const needed = this.#outcome(request)?.bits ?? drawn(bits.shares, this.#draw(request, 'bits'));
    const chosen = byRule(bits, needed, transfer.delaySeconds, this.#rates.bitsPerSecond(transfer));
    if (bits.transfers.length === 1) return chosen;
    for (const oldest of this.#bits.size < mostRemembered ? [] : this.#bits.keys()) {
      this.#bits.delete(oldest);
      break;
    }
    this.#bits.set(request, chosen);
    return chosen;
  }

  #outcome(request: number): NonNullable<ScenarioDecisions['outcomes']>[number] | null {
    const { outcomes } = this.#decisions;
    return outcomes?.[request % outcomes.length] ?? null;
  }

  #draw(request: number, what: string): number {
    return createRandom(this.#seed).split(`${this.#name}, ${what} of ${request}`).next();
  }
}

const isSame = (
  left: Pick<HookedTransfer, 'tensor' | 'from' | 'to'>,
  right: Pick<HookedTransfer, 'tensor' | 'from' | 'to'>,
): boolean => left.tensor === right.tensor && left.from === right.from && left.to === right.to;

function drawn(shares: readonly BitsShare[], draw: number): AffineBits {
  let left = draw;
  for (const { bits, share } of shares) {
    if (left < share) return bits;
    left -= share;
  }
  return shares.at(-1)?.bits ?? 8;
}

/** As agents choose; where no transfer has told the rate yet, what the request needs. */
function byRule(
  { rule, transfers }: ScenarioBits,
  needed: AffineBits,
  delaySeconds: number,
  bitsPerSecond: number | null,
): AffineBits {
  if (rule === undefined) return needed;
  const sizeOf = (bits: AffineBits): number =>
    transfers.reduce((sum, { sizes }) => sum + (sizes.find((size) => size.bits === bits)?.bytes ?? 0), 0);
  const pace =
    bitsPerSecond === null
      ? null
      : {
          slowerSeconds: rule.slowerSeconds,
          transferSeconds: (bits: AffineBits) => (8 * sizeOf(bits)) / bitsPerSecond + delaySeconds,
        };
  return chooseBits(needed, needed, pace, { rule: rule.kind, mostBits: rule.most });
}
