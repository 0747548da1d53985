import { joules } from '../units.ts';
import type { DeviceMetrics, EnergyMetrics, LinkMetrics } from './metrics.ts';
import type { PowerFigures } from './power-figures.ts';

/**
 * E = Σ over devices of P_busy busy + P_idle (window − busy), plus what its radio draws while its links are busy: the formula of
 * `Report.energyJoules`, over a whole trace instead of one request.
 */
export function traceEnergy(
  power: PowerFigures | null,
  answered: number,
  windowSeconds: number,
  devices: readonly DeviceMetrics[],
  links: readonly LinkMetrics[],
): EnergyMetrics {
  if (power === null) return unknown('No power figures were given.');
  const silent = power.devices.filter(({ watts }) => watts === null).map(({ device }) => `'${device}'`);
  if (silent.length > 0) return unknown(`The cluster does not state the power of ${silent.join(', ')}.`);
  const parts = power.devices.map(({ device, watts }) => {
    const busy = devices.find((other) => other.device === device)?.busySeconds ?? 0;
    const { busyWatts, idleWatts } = watts ?? { busyWatts: 0, idleWatts: 0 };
    const own = busyWatts * busy + idleWatts * Math.max(0, windowSeconds - busy);
    return { device, energyJoules: joules(own + radioJoules(power, device, links)) };
  });
  const sum = parts.reduce((total, { energyJoules }) => total + energyJoules, 0);
  return {
    energyJoules: joules(sum),
    perAnswerJoules: answered === 0 ? null : joules(sum / answered),
    devices: parts,
    unknown: null,
  };
}

function radioJoules({ links }: PowerFigures, device: string, uses: readonly LinkMetrics[]): number {
  let sum = 0;
  for (const { from, to, transmitWatts, receiveWatts } of links) {
    if (from !== device && to !== device) continue;
    const busy = uses.find((use) => use.from === from && use.to === to)?.busySeconds ?? 0;
    sum += (from === device ? transmitWatts : receiveWatts) * busy;
  }
  return sum;
}

function unknown(reason: string): EnergyMetrics {
  return { energyJoules: null, perAnswerJoules: null, devices: [], unknown: reason };
}
