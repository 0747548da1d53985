/** Neighbouring units on one device are one run; [unit]: its device, by position. */
export function runsOf(bins: readonly number[]): { device: number; first: number; end: number }[] {
  const runs: { device: number; first: number; end: number }[] = [];
  for (const [unit, device] of bins.entries()) {
    const last = runs.at(-1);
    if (last?.device === device) last.end = unit + 1;
    else runs.push({ device, first: unit, end: unit + 1 });
  }
  return runs;
}
