import { describe, expect, it } from 'vitest';
import { createModelBuilder } from '../onnx/build.ts';
import type { ModelProto, ValueInfo } from '../onnx/model.ts';
import { bindModel, isBound } from './bind-model.ts';
import { graphOf } from './graph-of.ts';

function sum(batch: number | 'N'): ModelProto {
  const onnx = createModelBuilder({ name: 'sum' });
  const x = onnx.input('x', 'float32', [batch, 2]);
  const bias = onnx.initializer('bias', 'float32', [2], [1, 2]);
  onnx.output(onnx.node('Add', [x, bias], {}, 'y'), 'float32', [batch, 2]);
  return onnx.build();
}

/** As older exporters write it: the weight is an input with a default. */
function withOverridableWeight(model: ModelProto): ModelProto {
  const bias: ValueInfo = {
    name: 'bias',
    type: { kind: 'tensor', elementType: 'float32', shape: [2] },
    documentation: '',
    rest: [],
  };
  return { ...model, graph: { ...model.graph, inputs: [...model.graph.inputs, bias] } };
}

const shapes = (model: ModelProto): unknown[] =>
  model.graph.inputs.map(({ name, type }) => [name, type?.kind === 'tensor' ? type.shape : null]);

describe('bindModel', () => {
  it.each([
    ['an open batch', sum('N'), false],
    ['a weight among the inputs', withOverridableWeight(sum(3)), false],
    ['both', withOverridableWeight(sum('N')), false],
    ['neither', sum(3), true],
    [
      'a weight among the inputs where it has to be',
      { ...withOverridableWeight(sum(3)), irVersion: 3 },
      true,
    ],
  ])('%s', (_, model, bound) => {
    expect(isBound(model)).toBe(bound);
    const result = bindModel(model, graphOf(model, { batch: 3 }));
    expect(shapes(result)).toEqual([['x', [3, 2]]]);
    expect(isBound(result)).toBe(true);
  });
});
