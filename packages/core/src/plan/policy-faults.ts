import { stageBoundary } from '../graph/stage-boundary.ts';
import { areTensorsOf, type CutTensors, cutTensors } from './cut-tensors.ts';
import { headOf, sameExits } from './exit-table.ts';
import type { Plan } from './plan.ts';
import type { ExitPolicy, PrecisionPolicy } from './policies.ts';
import type { Problem } from './problem.ts';
import { isCovered } from './with-bits.ts';

/** What of its policies a plan for `problem` cannot follow, one sentence each. Stages and transfers are taken to be valid. */
export function policyFaults(
  problem: Problem,
  plan: Pick<Plan, 'stages' | 'transfers' | 'policies'>,
): string[] {
  const { exits, precision } = plan.policies ?? {};
  return [
    ...(exits === undefined ? [] : exitFaults(problem, plan, exits)),
    ...(precision === undefined ? [] : precisionFaults(plan, precision)),
  ];
}

function exitFaults(problem: Problem, { stages }: Pick<Plan, 'stages'>, exits: ExitPolicy): string[] {
  const table = problem.exits;
  if (table === undefined) return ['The plan has exits, and the problem has no table of them.'];
  if (!table.settings.some((setting) => sameExits(setting, exits)))
    return [
      "The plan's exits are no setting of the problem's table: their shares were not measured together.",
    ];
  let last = -1;
  return exits.points.flatMap((point) => {
    const { tensor } = point;
    const name = cutTensors(point).join(' + ');
    if (headOf(table, point) === undefined) return [`The table has no ${point.kind} head at tensor ${name}.`];
    const producer = problem.graph.tensors[tensor]?.producer;
    const stage = stages.findIndex(({ nodes }) => typeof producer === 'number' && nodes.includes(producer));
    const isLater = stage > last;
    last = stage;
    return [
      ...(isLater ? [] : [`The exit at tensor ${name} is in no stage after that of the exit before it.`]),
      ...(leadsOnAlone(problem, { stages }, stage, point)
        ? []
        : [
            `The exit at tensor ${name} is not at the end of stage ${stage}, behind which it alone leads on.`,
          ]),
      ...unanswerable(problem, stages[stage]?.device ?? '', tensor),
    ];
  });
}

/** Whether nothing else passes from the stages up to `stage` to those behind it, all of it made by that stage, and no answer arises before. */
function leadsOnAlone(
  { graph }: Problem,
  { stages }: Pick<Plan, 'stages'>,
  stage: number,
  exit: CutTensors,
): boolean {
  const before = stages.slice(0, stage + 1).flatMap(({ nodes }) => nodes);
  const behind = stages.slice(stage + 1).flatMap(({ nodes }) => nodes);
  if (behind.length === 0) return false;
  const { inputs } = stageBoundary(graph, behind);
  const own = new Set(before);
  const last = new Set(stages[stage]?.nodes);
  const isMade = inputs.every((id) => {
    const producer = graph.tensors[id]?.producer;
    return typeof producer === 'number' && last.has(producer);
  });
  const answers = graph.outputs.some((id) => {
    const producer = graph.tensors[id]?.producer;
    return typeof producer !== 'number' || own.has(producer);
  });
  return !answers && isMade && areTensorsOf(exit, inputs);
}

function unanswerable({ cluster, workload }: Problem, device: string, tensor: number): string[] {
  const { sink } = workload;
  if (device === sink || cluster.links.some(({ from, to }) => from === device && to === sink)) return [];
  return [`No link brings answers of the exit at tensor ${tensor} from '${device}' to '${sink}'.`];
}

function precisionFaults({ transfers }: Pick<Plan, 'transfers'>, policy: PrecisionPolicy): string[] {
  const faults: string[] = [];
  const coded = transfers.filter((transfer) => isCovered(policy, transfer));
  if (policy.transfers.length === 0 || coded.length !== policy.transfers.length)
    faults.push('The precision policy names transfers that the plan does not have, or one twice, or none.');
  for (const { tensor, codec } of coded)
    if (codec.kind !== 'affine')
      faults.push(
        `The precision policy covers tensor ${tensor}, which travels as ${codec.kind}, expected affine.`,
      );
  if (policy.bits.some(({ bits }, at) => at > 0 && bits <= (policy.bits[at - 1]?.bits ?? 0)))
    faults.push('The bits of the precision policy are not in ascending order, each once.');
  const sum = policy.bits.reduce((total, { share }) => total + share, 0);
  if (policy.bits.some(({ share }) => !(share >= 0)) || Math.abs(sum - 1) > 1e-9)
    faults.push(`The shares of the precision policy's bits add up to ${sum}, expected 1 and none below 0.`);
  return faults;
}
