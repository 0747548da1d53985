import { type Fact, factOf } from './fact.ts';
import type { BodyResult, OperatorCall } from './operator-call.ts';
import { type Count, type OperatorRules, rule } from './operator-rule.ts';

/** The branch that constants choose, else both. */
function branches(call: OperatorCall): readonly BodyResult[] {
  const condition = call.input(0).values();
  const names =
    condition === null
      ? ['then_branch', 'else_branch']
      : [condition[0] === 0 ? 'else_branch' : 'then_branch'];
  return names.map((name) => call.inferBody(call.body(name), []));
}

/** Where the branch is not known, both must agree on every shape. */
function conditional(call: OperatorCall): readonly Fact[] {
  const [first, second] = branches(call);
  if (first === undefined || second === undefined) return first?.outputs ?? [];
  return first.outputs.map((fact, index) => {
    const other = second.outputs[index];
    if (other?.type === fact.type && other.shape.join() === fact.shape.join())
      return factOf(fact.type, fact.shape);
    throw call.dataDependent(
      `its condition: [${fact.shape.join(', ')}] or [${other?.shape.join(', ') ?? ''}]`,
    );
  });
}

/** The costlier branch. */
const conditionalFlops: Count = (call) => Math.max(...branches(call).map(({ flops }) => flops));

/** One pass: the body takes (iteration, condition, carried …) and yields (condition, carried …, scanned …). */
function iterate(call: OperatorCall): BodyResult {
  const carried = call.inputs.slice(2).map((_, index) => {
    const { type, shape } = call.input(index + 2);
    return factOf(type, shape);
  });
  return call.inferBody(call.body('body'), [factOf('int64', []), factOf('bool', []), ...carried]);
}

/** Inputs: trip count, condition, carried values. Carried tensors must keep their shape; scanned ones gain an axis of the trip count. */
function loop(call: OperatorCall): readonly Fact[] {
  const [, ...outputs] = iterate(call).outputs;
  const carried = Math.max(0, call.inputs.length - 2);
  for (let index = 0; index < carried; index++) {
    if (outputs[index]?.shape.join() === call.shape(index + 2).join()) continue;
    throw call.dataDependent('its iterations: a carried tensor changes its shape');
  }
  return outputs.map(({ type, shape }, index) =>
    factOf(type, index < carried ? shape : [tripCount(call), ...shape]),
  );
}

function tripCount(call: OperatorCall): number {
  const endless = call.inputs[1];
  const goesOn = endless === null || endless === undefined || endless.values()?.[0] === 1;
  if (!goesOn) throw call.dataDependent('its condition');
  return Math.max(0, call.values(0)[0] ?? 0);
}

/** One pass where the number of passes is not known. */
const loopFlops: Count = (call) => iterate(call).flops * (call.inputs[0]?.values()?.[0] ?? 1);

export const controlFlowRules: OperatorRules = {
  If: rule(conditional, conditionalFlops),
  Loop: rule(loop, loopFlops),
};
