import { foldedTogether } from '../graph/folded-together.ts';
import type { NodeId } from '../graph/graph.ts';
import type { Plan, Stage } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import type { Seconds } from '../units.ts';
import { type ComputeTable, computeTable, stageTime } from './cost-tables.ts';

/**
 * The same placement in finer stages, cut at layers so that each takes `turnSeconds` at most, or is one layer: a device is free for somebody more
 * important between any two. Nothing more is sent, since what passes between them stays on the device. Stages whose requests run together or
 * by turns on several devices stay whole, and so do those of a plan with other ways.
 */
export function partInTurns(problem: Problem, plan: Plan, turnSeconds: Seconds): Plan {
  if (plan.mix !== undefined) return plan;
  const table = computeTable(problem, plan.frequency);
  const stages = plan.stages.flatMap((stage) =>
    stage.batch === undefined && stage.replicas === undefined
      ? piecesOf(problem, table, stage, turnSeconds).map((nodes) => ({ ...stage, nodes }))
      : [stage],
  );
  return { ...plan, stages };
}

/** Pieces of a convex stage that follow each other in the graph's order are convex. */
function piecesOf(
  { graph }: Problem,
  table: ComputeTable,
  { device, nodes }: Stage,
  turnSeconds: Seconds,
): readonly (readonly NodeId[])[] {
  const at = table.devices.indexOf(device);
  const pieces: NodeId[][] = [];
  for (const group of foldedTogether(graph, nodes)) {
    const longer = [...(pieces.at(-1) ?? []), ...group];
    const fits = pieces.length > 0 && stageTime(table, at, longer.toSorted(ascending)).seconds <= turnSeconds;
    if (fits) pieces[pieces.length - 1] = longer;
    else pieces.push([...group]);
  }
  return pieces.map((piece) => piece.sort(ascending));
}

const ascending = (left: number, right: number): number => left - right;
