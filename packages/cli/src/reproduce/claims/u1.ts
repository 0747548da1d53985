import { type CatalogueDevice, catalogueDevices } from '@tandem/core';
import { type Claim, defineClaim, exactly, type Figure } from '../claim.ts';
import { papers } from '../papers.ts';

/** A cell of the table: what was printed, and where the catalogue has it, in the table's unit. */
interface Cell {
  readonly unit: string;
  readonly printed: number;
  readonly device: string;
  readonly value: (figures: CatalogueDevice['figures']) => number | undefined;
}

type Column = (device: string, printed: number) => Cell;
const column =
  (unit: string, value: Cell['value']): Column =>
  (device, printed) => ({ unit, printed, device, value });

const least = column('W', ({ leastPeakWatts }) => leastPeakWatts?.value);
const power = column('W', ({ peakWatts }) => peakWatts?.value);
const chip = column('MB', ({ onChipMemoryBytes }) => inUnits(onChipMemoryBytes?.value, 1e6));
const memory = column('GB', ({ memoryBytes }) => inUnits(memoryBytes?.value, 1e9));
const price = column('$', ({ priceDollars }) => priceDollars?.value);

const cells: Readonly<Record<string, Cell>> = {
  'Myriad X, least peak power': least('movidius-myriad-x', 1),
  'Myriad X, peak power': power('movidius-myriad-x', 2.5),
  'Myriad X, memory on chip': chip('movidius-myriad-x', 2.5),
  'Myriad X, price': price('movidius-myriad-x', 59),
  'Edge TPU, peak power': power('google-edge-tpu', 2),
  'Edge TPU, memory on chip': chip('google-edge-tpu', 8),
  'Edge TPU, price': price('google-edge-tpu', 75),
  'Jetson Nano, peak power': power('jetson-nano', 10),
  'Jetson Nano, memory': memory('jetson-nano', 4),
  'Jetson Nano, price': price('jetson-nano', 99),
  'Jetson TX2, peak power': power('jetson-tx2', 15),
  'Jetson TX2, memory': memory('jetson-tx2', 8),
  'Jetson TX2, price': price('jetson-tx2', 399),
  'Jetson Orin Nano, peak power': power('jetson-orin-nano', 15),
  'Jetson Orin Nano, memory': memory('jetson-orin-nano', 8),
  'Jetson Orin Nano, price': price('jetson-orin-nano', 499),
  'Jetson Orin NX, peak power': power('jetson-orin-nx', 25),
  'Jetson Orin NX, memory': memory('jetson-orin-nx', 16),
  'Jetson Orin NX, price': price('jetson-orin-nx', 899),
};

export const u1: Claim = defineClaim({
  claim:
    'Table I: peak power, memory and price of six accelerators, from 1 W and 2.5 MB for $59 to 25 W and 16 GB for $899.',
  paper: papers.ng,
  standIn: 'None: the catalogue that a cluster file’s `like:` reads, compared with the print.',
  figures: byCell(
    ({ unit, printed }): Figure => ({ unit, paper: printed, tolerance: exactly, where: 'Table I' }),
  ),
  remarks: [
    'The catalogue cites this table for these figures, so the verdict says that it hands on what was printed, not that the print is right. Rates and clocks, which the table leaves out, come from elsewhere: `tandem catalogue NAME` says where.',
    'Peak power is that of the whole module; how much of it is drawn while it waits is not printed, and the catalogue estimates it.',
  ],
  run: async () => tableI(catalogueDevices),
});

/** The table as `devices` have it; NaN where they have nothing. */
export function tableI(devices: Readonly<Record<string, CatalogueDevice>>): Readonly<Record<string, number>> {
  return byCell(({ device, value }) => {
    const figures = devices[device]?.figures;
    return (figures === undefined ? undefined : value(figures)) ?? Number.NaN;
  });
}

function byCell<Value>(value: (cell: Cell) => Value): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, value(cell)]));
}

function inUnits(bytes: number | undefined, unit: number): number | undefined {
  return bytes === undefined ? undefined : bytes / unit;
}
