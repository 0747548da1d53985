import type { Scenario } from './scenario.ts';
import { runScenario } from './simulation.ts';

/**
 * What goes wrong when a scenario without faults is simulated, one sentence, or null: every request is to be answered once, in the order
 * of arrival where that is asked for, and in the end nothing is left to do. A deadlock leaves requests open.
 */
export function servingFault(scenario: Scenario, seed: number): string | null {
  const arrived = new Set<number>();
  const taken: number[] = [];
  let failure: string | null = null;
  const { finished } = runScenario(
    scenario,
    (event) => {
      if (event.kind === 'arrival') arrived.add(event.request);
      if (event.kind === 'taken') taken.push(event.request);
      if (event.kind === 'failure') failure ??= `Request ${event.request} failed: ${event.message}.`;
    },
    { seed, mostEvents: 1_000_000 },
  );
  if (failure !== null) return failure;
  if (!finished) return 'The simulation does not come to rest.';
  const open = [...arrived].filter((request) => !taken.includes(request));
  if (open.length > 0) return `Requests ${open.slice(0, 5).join(', ')} are never answered.`;
  if (taken.length > arrived.size) return 'A request is answered twice.';
  const isOrdered = scenario.pipelines.every(({ ordered }) => ordered === true);
  const early = taken.findIndex((request, at) => at > 0 && request < (taken[at - 1] ?? 0));
  return isOrdered && early >= 0 ? `Request ${taken[early]} is answered after a later one.` : null;
}
