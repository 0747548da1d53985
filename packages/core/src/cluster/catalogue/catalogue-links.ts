import { paper, type Sourced } from './sourced.ts';

/** A kind of link that papers reckon with. */
export interface CatalogueLink {
  readonly title: string;
  /** As printed. Whether the print means 1e6 or 2^20 bits it does not say; a cluster takes 1e6. */
  readonly megabitsPerSecond: Sourced<number>;
}

const tableIII = paper('Mu et al. 2024, Table III: average uplink of speedtest.net');

/** By the name that a cluster file gives after a link's `like:`. */
export const catalogueLinks: Readonly<Record<string, CatalogueLink>> = {
  '3g': { title: '3G, uplink', megabitsPerSecond: tableIII(1.19) },
  '4g': { title: '4G, uplink', megabitsPerSecond: tableIII(11.22) },
  '5g': { title: '5G, uplink', megabitsPerSecond: tableIII(52.24) },
  wifi: { title: 'WiFi, uplink', megabitsPerSecond: tableIII(54.19) },
};
