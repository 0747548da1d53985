import type { Microarchitecture } from '../hardware.ts';
import type { CatalogueDevice } from './catalogue-device.ts';

/** What the catalogue tells a predictor about a device. */
export function knownMicroarchitecture({ class: deviceClass, figures }: CatalogueDevice): Microarchitecture {
  const { cores, simdBits, fmaUnits, level1Bytes, level2Bytes, level3Bytes, instructionSets } = figures;
  return {
    class: deviceClass,
    ...(cores === undefined ? {} : { cores: cores.value }),
    ...(simdBits === undefined ? {} : { simdBits: simdBits.value }),
    ...(fmaUnits === undefined ? {} : { fmaUnits: fmaUnits.value }),
    ...(level1Bytes === undefined ? {} : { level1Bytes: level1Bytes.value }),
    ...(level2Bytes === undefined ? {} : { level2Bytes: level2Bytes.value }),
    ...(level3Bytes === undefined ? {} : { level3Bytes: level3Bytes.value }),
    ...(instructionSets === undefined ? {} : { instructionSets: instructionSets.value }),
  };
}

/** The rate of a CPU is that of all its cores together. */
export function knownThreads({ kind, figures }: CatalogueDevice): number {
  return kind === 'cpu' ? (figures.cores?.value ?? 1) : 1;
}
