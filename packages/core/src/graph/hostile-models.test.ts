import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TandemError } from '../errors.ts';
import { type AttributeInput, createModelBuilder, float } from '../onnx/build.ts';
import type { Attribute, GraphProto, ModelProto, NodeProto } from '../onnx/model.ts';
import type { Graph } from './graph.ts';
import { graphOf } from './graph-of.ts';
import { standardRules } from './operators/operator-rules.ts';
import { validateGraph } from './validate-graph.ts';

/** A valid graph, or null when the model is refused in words; anything else that is thrown fails the test. */
function graphOrRefusal(model: ModelProto): Graph | null {
  try {
    return graphOf(model);
  } catch (error) {
    if (error instanceof TandemError && error.message !== '' && error.remedy !== '') return null;
    throw error;
  }
}

const names = Object.keys(standardRules);
const sizes = fc.oneof(
  fc.integer({ min: -3, max: 9 }),
  fc.constantFrom(2 ** 31, 2 ** 53 - 1, -(2 ** 53) + 1),
);
const operands = fc.array(
  fc.record({
    type: fc.constantFrom('float32', 'int64', 'bool', 'uint8'),
    shape: fc.array(
      fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 0, max: 6 }) },
        { weight: 1, arbitrary: fc.constant(2 ** 40) },
      ),
      { maxLength: 5 },
    ),
    values: fc.option(fc.array(sizes, { maxLength: 6 })),
  }),
  { minLength: 1, maxLength: 6 },
);
const attributeNames = [
  'axis axes perm kernel_shape strides pads dilations group auto_pad ceil_mode split num_outputs starts ends to blocksize keepdims',
  'equation shape value k hidden_size direction layout scales mode output_shape output_padding size transA start end batch_dims',
]
  .join(' ')
  .split(' ');
const attributeValues: fc.Arbitrary<AttributeInput> = fc.oneof(
  sizes,
  fc.array(sizes, { maxLength: 5 }),
  fc.constantFrom('SAME_UPPER', 'VALID', 'ij,jk->ik', 'bidirectional'),
  fc.constant(float([0.5, Number.NaN, 1e300])),
);
const attributes = fc.dictionary(fc.constantFrom(...attributeNames), attributeValues, { maxKeys: 4 });

describe('models that make no sense', () => {
  it('give a valid graph or a refusal in words, whatever the operator, operands and attributes', () => {
    let graphs = 0;
    const node = fc.record({
      op: fc.constantFrom(...names),
      operands,
      attributes,
      opset: fc.integer({ min: 7, max: 22 }),
      outputs: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(node, (one) => {
        const builder = createModelBuilder({ name: 'hostile', opset: one.opset });
        const inputs = one.operands.map(({ type, shape, values }, index) =>
          values === null || type !== 'int64'
            ? builder.input(`x${index}`, type, shape)
            : builder.initializer(`x${index}`, type, [values.length], values),
        );
        const outputs = Array.from({ length: one.outputs }, (_, index) => `y${index}`);
        for (const name of builder.nodeWithOutputs(one.op, inputs, outputs, one.attributes))
          builder.output(name, 'float32', []);
        const graph = graphOrRefusal(builder.build());
        if (graph === null) return;
        graphs++;
        expect(validateGraph(graph)).toEqual([]);
      }),
      { seed: 41, numRuns: 8000 },
    );
    expect(graphs).toBeGreaterThan(800);
  });

  it('bodies nested beyond the limit are refused, at once', () => {
    expect(() => graphOf(nestedIf(64))).toThrow('nests bodies deeper than 32');
    expect(graphOf(nestedIf(20)).nodes).toHaveLength(1);
  });
});

/** An If in a branch of an If, `depth` deep, each with the same shapes in both branches. */
function nestedIf(depth: number): ModelProto {
  const builder = createModelBuilder({ name: 'nested' });
  const condition = builder.input('condition', 'bool', []);
  const image = builder.input('x', 'float32', [2]);
  builder.output(builder.node('Relu', [image], {}, 'y'), 'float32', [2]);
  const model = builder.build();
  const [relu] = model.graph.nodes;
  if (relu === undefined) return model;
  const leaf = (output: string): GraphProto => ({
    ...model.graph,
    inputs: [],
    nodes: [{ ...relu, outputs: [output] }],
    outputs: named(model.graph, output),
  });
  let node: NodeProto = { ...relu, outputs: ['y0'] };
  for (let level = 1; level <= depth; level++) {
    const inner: GraphProto = { ...leaf(`y${level - 1}`), nodes: [node] };
    const branches: Attribute[] = [
      { name: 'then_branch', kind: 'graph', value: inner },
      { name: 'else_branch', kind: 'graph', value: leaf(`z${level}`) },
    ];
    node = { ...relu, opType: 'If', inputs: [condition], outputs: [`y${level}`], attributes: branches };
  }
  return { ...model, graph: { ...model.graph, nodes: [node], outputs: named(model.graph, `y${depth}`) } };
}

function named({ outputs }: GraphProto, name: string): GraphProto['outputs'] {
  return outputs.map((output) => ({ ...output, name, type: null }));
}
