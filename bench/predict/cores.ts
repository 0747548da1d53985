/** What one core of a kind can do: the widely known figures of its family, set down from memory and not checked one by one. */
export interface Core {
  /** fp32 operations a cycle with the vectors that the benchmark's kernels use; a fused multiply-add is two. */
  readonly operationsPerCycle: number;
  readonly outOfOrder: boolean;
  /** Last-level cache of a usual chip with such cores, MiB. */
  readonly cacheMebibytes: number;
}

const core = (
  operationsPerCycle: number,
  order: 'in-order' | 'out-of-order',
  cacheMebibytes: number,
): Core => ({
  operationsPerCycle,
  outOfOrder: order === 'out-of-order',
  cacheMebibytes,
});

/** By the names that `chips.ts` uses. */
export const cores: Readonly<Record<string, Core>> = {
  a5: core(2, 'in-order', 0.5),
  a7: core(2, 'in-order', 0.5),
  a9: core(4, 'out-of-order', 0.5),
  a17: core(8, 'out-of-order', 1),
  a53: core(8, 'in-order', 0.5),
  a55: core(8, 'in-order', 0.5),
  a57: core(8, 'out-of-order', 2),
  a72: core(8, 'out-of-order', 1),
  a73: core(8, 'out-of-order', 2),
  a76: core(16, 'out-of-order', 2),
  a78: core(16, 'out-of-order', 4),
  a720: core(16, 'out-of-order', 8),
  a520: core(8, 'in-order', 8),
  x1: core(32, 'out-of-order', 4),
  x3: core(32, 'out-of-order', 8),
  x4: core(32, 'out-of-order', 8),
  n2: core(16, 'out-of-order', 128),
  kryo: core(8, 'out-of-order', 2),
  denver: core(8, 'in-order', 2),
  carmel: core(16, 'out-of-order', 4),
  cyclone: core(16, 'out-of-order', 1),
  firestorm: core(32, 'out-of-order', 12),
  m3: core(32, 'out-of-order', 16),
  oryon: core(32, 'out-of-order', 36),
  zen: core(16, 'out-of-order', 2),
  zen2: core(32, 'out-of-order', 128),
  zen3: core(32, 'out-of-order', 32),
  zen5: core(64, 'out-of-order', 256),
  skylake: core(32, 'out-of-order', 12),
  raptor: core(32, 'out-of-order', 30),
  xeon: core(64, 'out-of-order', 64),
  airmont: core(4, 'out-of-order', 2),
  tremont: core(8, 'out-of-order', 4),
  yonah: core(4, 'out-of-order', 1),
  gs264: core(4, 'in-order', 1),
  la264: core(4, 'in-order', 1),
  la364: core(8, 'out-of-order', 2),
  gs464e: core(4, 'out-of-order', 8),
  gs464v: core(16, 'out-of-order', 8),
  la464: core(32, 'out-of-order', 16),
  la664: core(32, 'out-of-order', 16),
  ftc: core(8, 'out-of-order', 4),
  ftc310: core(8, 'in-order', 1),
  taishan: core(8, 'out-of-order', 32),
  u74: core(2, 'in-order', 2),
  c910: core(8, 'out-of-order', 1),
  c906: core(4, 'in-order', 0.25),
  x60: core(16, 'in-order', 1),
};
