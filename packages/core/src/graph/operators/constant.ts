import { typeOfCode } from './elementwise.ts';
import { elementCount, type Fact, factOf } from './fact.ts';
import type { OperatorCall } from './operator-call.ts';
import { likeInput, type OperatorRules, rule } from './operator-rule.ts';
import { tensorFact } from './tensor-fact.ts';

/** `value` in one of its forms, each an attribute of its own. */
function constant(call: OperatorCall): readonly Fact[] {
  for (const attribute of call.node.attributes) {
    switch (attribute.kind) {
      case 'tensor':
        return [tensorFact(attribute.value)];
      case 'float':
        return [factOf('float32', [], () => [attribute.value])];
      case 'floats':
        return [factOf('float32', [attribute.value.length], () => attribute.value)];
      case 'int':
        return [factOf('int64', [], () => [Number(attribute.value)])];
      case 'ints':
        return [factOf('int64', [attribute.value.length], () => attribute.value.map(Number))];
      case 'string':
        return [factOf('string', [])];
      case 'strings':
        return [factOf('string', [attribute.value.length])];
      default:
    }
  }
  throw call.fault('holds no value');
}

/** A tensor of the shape that the input lists, filled with one element; default 0 of type float32. */
function constantOfShape(call: OperatorCall): readonly Fact[] {
  const shape = call.shape(0)[0] === 0 ? [] : call.values(0);
  const value = call.attribute('value');
  const fill = value?.kind === 'tensor' ? tensorFact(value.value) : factOf('float32', [], () => [0]);
  return [
    factOf(fill.type, shape, () => {
      const values = fill.values();
      return values && Array.from({ length: elementCount(shape) }, () => values[0] ?? 0);
    }),
  ];
}

/** The dimensions from `start` to `end` (version 15), as a vector. */
function shapeOf(call: OperatorCall): readonly Fact[] {
  const shape = call.shape(0);
  const dimensions = shape.slice(call.int('start', 0), call.int('end', shape.length));
  return [factOf('int64', [dimensions.length], () => dimensions)];
}

function range(call: OperatorCall): readonly Fact[] {
  const [start = 0, limit = 0, step = 1] = [0, 1, 2].map((index) => call.values(index)[0] ?? 0);
  if (step === 0) throw call.fault('counts with step 0');
  const length = Math.max(0, Math.ceil((limit - start) / step));
  return [
    factOf(call.input(0).type, [length], () => Array.from({ length }, (_, index) => start + index * step)),
  ];
}

/** Random tensors of a shape given by attribute. */
function generated(call: OperatorCall): readonly Fact[] {
  return [factOf(typeOfCode(call, call.int('dtype', 1)), call.ints('shape') ?? [])];
}

const likeWithType = (call: OperatorCall): readonly Fact[] =>
  likeInput(call, call.has('dtype') ? typeOfCode(call, call.int('dtype', 1)) : call.input(0).type);

export const constantRules: OperatorRules = {
  Constant: rule(constant),
  ConstantOfShape: rule(constantOfShape),
  Shape: rule(shapeOf),
  Size: rule((call) => [factOf('int64', [], () => [elementCount(call.shape(0))])]),
  Range: rule(range),
  EyeLike: rule(likeWithType),
  RandomNormal: rule(generated),
  RandomUniform: rule(generated),
  RandomNormalLike: rule(likeWithType),
  RandomUniformLike: rule(likeWithType),
  Bernoulli: rule(likeWithType),
};
