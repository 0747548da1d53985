import { type Draw, drawOf } from '../../cost/power.ts';
import { linkBetween } from '../../cost/problem-index.ts';
import type { Plan } from '../../plan/plan.ts';
import type { LayeredProblem } from '../../search/layers/layered-problem.ts';
import type { Hertz } from '../../units.ts';
import type { ChainCosts } from '../chain/chain-costs.ts';
import { clockChoices, type Prices } from './clock-choices.ts';

/** A device's times and draw at one clock rate. */
interface Setting {
  readonly seconds: Float64Array;
  readonly draw: Draw;
}

const noDraw: Draw = { staticWatts: 0, dynamicWatts: 0, idleWatts: 0 };

/** COINFER's α T + β E of units on devices, where clocks are choices by position (`clockChoices`). */
export class JointCosts {
  readonly chain: ChainCosts;
  readonly prices: Prices;
  /** Devices whose clock is searched, by position, and their rates. */
  readonly clocked: readonly { readonly device: number; readonly choices: readonly Hertz[] }[];
  /** [device][choice]; one for a device without choices. */
  readonly #settings: readonly (readonly Setting[])[];
  readonly #peaks: Float64Array;
  readonly #sums: Float64Array;
  #priced = 0;

  constructor(chain: ChainCosts, prices: Prices) {
    this.chain = chain;
    this.prices = prices;
    const { devices } = chain.problem.cluster;
    const clocked = devices.flatMap((device, at) => {
      const choices = prices.joule > 0 && device.power !== undefined ? clockChoices(device) : [];
      return choices.length === 0 ? [] : [{ device: at, choices }];
    });
    this.clocked = clocked;
    this.#settings = devices.map((device, at) => {
      const choices = clocked.find((row) => row.device === at)?.choices ?? [];
      if (choices.length === 0)
        return [{ seconds: chain.secondsAtHighest(at), draw: drawOf(device, undefined) ?? noDraw }];
      return choices.map((rate) => ({
        seconds: chain.secondsAt(at, rate),
        draw: drawOf(device, { [device.id]: rate }) ?? noDraw,
      }));
    });
    this.#sums = this.#perCell((unit) => chain.parameterBytes(unit));
    this.#peaks = this.#perCell((unit, device) => this.#peakBytes(unit, device));
  }

  /** How often a unit on a device was priced, by this and by searches that told `count`: the work of a search, whatever the machine. */
  get priced(): number {
    return this.#priced;
  }

  count(priced: number): void {
    this.#priced += priced;
  }

  /** [clocked device]: the highest rate. */
  highest(): number[] {
    return this.clocked.map(({ choices }) => choices.length - 1);
  }

  /** The clocks as a plan states them; of the devices that run something. */
  frequency(clocks: readonly number[], bins: readonly number[]): Plan['frequency'] {
    const used = this.clocked.flatMap(({ device, choices }, at): [string, Hertz][] => {
      const rate = choices[clocks[at] ?? 0];
      const isLower = (clocks[at] ?? 0) < choices.length - 1;
      return rate !== undefined && isLower && bins.includes(device)
        ? [[this.chain.devices[device] ?? '', rate]]
        : [];
    });
    return used.length === 0 ? undefined : Object.fromEntries(used);
  }

  /** One criterion, the sum of what time and energy count; what devices draw while they wait counts at the source and the sink only. */
  layered(clocks: readonly number[], capacities: Float64Array): LayeredProblem {
    const { units, devices, index } = this.chain;
    const bins = devices.length;
    const settings = this.#at(clocks);
    const standby = (device: number): number =>
      [...new Set([index.source, index.sink])].reduce(
        (sum, end) => sum + (end === device ? 0 : (settings[end]?.draw.idleWatts ?? 0)),
        0,
      );
    const work = this.#perCell((unit, device) => {
      const { seconds, draw } = settings[device] ?? { seconds: new Float64Array(0), draw: noDraw };
      const time = (seconds[unit + 1] ?? 0) - (seconds[unit] ?? 0);
      const watts = draw.staticWatts + draw.dynamicWatts + standby(device);
      return time * (this.prices.second + this.prices.joule * watts);
    });
    const moves = new Float64Array((units.length - 1) * bins * bins);
    for (let unit = 1; unit < units.length; unit++)
      for (let from = 0; from < bins; from++)
        for (let to = 0; to < bins; to++)
          moves[((unit - 1) * bins + from) * bins + to] = this.#moveCost(unit, from, to);
    const ends = devices.map((_, at) => at);
    return {
      layers: units.length,
      bins,
      criteria: 1,
      work,
      moves,
      entering: Float64Array.from(ends, (device) => this.#moveCost(0, index.source, device)),
      leaving: Float64Array.from(ends, (device) => this.#moveCost(units.length, device, index.sink)),
      sums: this.#sums,
      peaks: this.#peaks,
      capacities,
    };
  }

  /** What a placement, one device a unit, counts at these clocks, as `evaluate` does where rates of links are constant. */
  value(bins: readonly number[], clocks: readonly number[]): number {
    const { index, units } = this.chain;
    this.#priced += units.length;
    const settings = this.#at(clocks);
    const busy = new Float64Array(settings.length);
    let [seconds, radio, from] = [0, 0, index.source];
    for (let position = 0; position <= units.length; position++) {
      const to = position === units.length ? index.sink : (bins[position] ?? 0);
      if (to !== from) {
        const { occupiedSeconds, delaySeconds } = this.chain.crossingTime(position, from, to);
        seconds += occupiedSeconds + delaySeconds;
        radio += occupiedSeconds * this.#radioWatts(from, to);
      }
      from = to;
      if (position === units.length) break;
      const sums = settings[to]?.seconds;
      const time = (sums?.[position + 1] ?? 0) - (sums?.[position] ?? 0);
      seconds += time;
      busy[to] = (busy[to] ?? 0) + time;
    }
    let joules = radio;
    for (const device of new Set([index.source, index.sink, ...bins])) {
      const { staticWatts, dynamicWatts, idleWatts } = settings[device]?.draw ?? noDraw;
      const own = busy[device] ?? 0;
      joules += (staticWatts + dynamicWatts) * own + idleWatts * Math.max(0, seconds - own);
    }
    return this.prices.second * seconds + (this.prices.joule > 0 ? this.prices.joule * joules : 0);
  }

  /** Over devices, the sum of what a placement needs above what they have, as a share of that; 0 = it fits. */
  overload(bins: readonly number[], capacities: Float64Array): number {
    return this.needs(bins).reduce(
      (sum, need, device) => (need === 0 ? sum : sum + Math.max(0, need / (capacities[device] ?? 0) - 1)),
      0,
    );
  }

  /** [device]: bytes that a placement needs as the search counts them, with the activations of one unit at a time. */
  needs(bins: readonly number[]): Float64Array {
    const devices = this.chain.devices.length;
    const [kept, most] = [new Float64Array(devices), new Float64Array(devices)];
    for (const [unit, device] of bins.entries()) {
      const cell = unit * devices + device;
      kept[device] = (kept[device] ?? 0) + (this.#sums[cell] ?? 0);
      most[device] = Math.max(most[device] ?? 0, this.#peaks[cell] ?? 0);
    }
    return kept.map((bytes, device) => bytes + (most[device] ?? 0));
  }

  #at(clocks: readonly number[]): readonly Setting[] {
    const chosen = this.#settings.map(
      (settings) => settings[0] ?? { seconds: new Float64Array(0), draw: noDraw },
    );
    for (const [at, { device }] of this.clocked.entries()) {
      const setting = this.#settings[device]?.[clocks[at] ?? 0];
      if (setting !== undefined) chosen[device] = setting;
    }
    return chosen;
  }

  #moveCost(position: number, from: number, to: number): number {
    if (from === to) return 0;
    const { occupiedSeconds, delaySeconds } = this.chain.crossingTime(position, from, to);
    if (occupiedSeconds === Number.POSITIVE_INFINITY) return occupiedSeconds;
    return (
      this.prices.second * (occupiedSeconds + delaySeconds) +
      this.prices.joule * occupiedSeconds * this.#radioWatts(from, to)
    );
  }

  #radioWatts(from: number, to: number): number {
    const radio = this.chain.index.radios[linkBetween(this.chain.index, from, to)];
    return radio === undefined ? 0 : radio.transmitWatts + radio.receiveWatts;
  }

  /** Beside its parameters: the activations, the runtime, and what waits for the source or the sink. */
  #peakBytes(unit: number, device: number): number {
    const { chain } = this;
    return chain.memoryBytes(device, unit, unit + 1) - chain.parameterBytes(unit);
  }

  #perCell(value: (unit: number, device: number) => number): Float64Array {
    const bins = this.chain.devices.length;
    const cells = new Float64Array(this.chain.units.length * bins);
    for (const unit of this.chain.units.keys())
      for (let device = 0; device < bins; device++) cells[unit * bins + device] = value(unit, device);
    return cells;
  }
}
