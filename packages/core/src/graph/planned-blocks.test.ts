import { describe, expect, it } from 'vitest';
import { createModelBuilder } from '../onnx/build.ts';
import { graphOf } from './graph-of.ts';
import { type Block, plannedBlocks } from './planned-blocks.ts';

type Builder = ReturnType<typeof createModelBuilder>;

const shape = [1, 2, 4, 4];
const whole = 4 * 2 * 4 * 4;

/** Of a model between x and what `make` returns, run as a whole. */
function blocksOf(
  make: (builder: Builder, x: string) => string,
  outShape: readonly number[] = shape,
): readonly Block[] {
  const builder = createModelBuilder({ name: 'blocks' });
  builder.output(make(builder, builder.input('x', 'float32', shape)), 'float32', outShape);
  const graph = graphOf(builder.build(), {});
  return plannedBlocks(
    graph,
    graph.nodes.map(({ id }) => id),
    graph.outputs,
  );
}

const pool = (builder: Builder, x: string): string => builder.node('MaxPool', [x], { kernel_shape: [1, 1] });
const pools = (builder: Builder, x: string, count: number): string =>
  count === 0 ? x : pools(builder, pool(builder, x), count - 1);
const weights = (
  builder: Builder,
  name: string,
  values: readonly number[],
  dims: readonly number[],
): string => builder.initializer(name, 'float32', dims, values);
const convolve = (builder: Builder, x: string, name: string): string =>
  builder.node('Conv', [x, weights(builder, name, [1, 1, 1, 1], [2, 2, 1, 1])]);

describe('plannedBlocks', () => {
  it('gives buffers of the stage, what enters and leaves, no block', () => {
    expect(blocksOf(pool)).toEqual([]);
  });

  it('takes the block again that a tensor of the same shape left, and holds it until the last of them is gone', () => {
    const blocks = blocksOf((builder, x) => pools(builder, x, 5));
    expect(blocks).toMatchObject([
      { bytes: whole, first: 0, last: 3 },
      { bytes: whole, first: 1, last: 4 },
    ]);
  });

  it('takes no block of another shape, however large', () => {
    const blocks = blocksOf(
      (builder, x) => {
        const pooled = pools(builder, x, 2);
        const half = builder.node('MaxPool', [pooled], { kernel_shape: [1, 1], strides: [2, 2] });
        return builder.node('MaxPool', [half], { kernel_shape: [1, 1] });
      },
      [1, 2, 2, 2],
    );
    expect(blocks.map(({ bytes }) => bytes)).toEqual([whole, whole, whole / 4]);
  });

  it.each(['Relu', 'Sigmoid', 'Softmax'])('lets %s write over an input that nobody else reads', (op) => {
    expect(blocksOf((builder, x) => pool(builder, builder.node(op, [pool(builder, x)])))).toHaveLength(1);
  });

  it('keeps an input that somebody reads later', () => {
    const blocks = blocksOf((builder, x) => {
      const pooled = pool(builder, x);
      const active = builder.node('Relu', [pooled]);
      return builder.node('MatMul', [active, pooled]);
    });
    expect(blocks).toHaveLength(2);
  });

  it('counts a view as what it shows', () => {
    const blocks = blocksOf((builder, x) => {
      const flat = builder.node('Flatten', [pool(builder, x)]);
      const back = builder.node('Reshape', [flat, builder.constant('shape', 'int64', [4], shape)]);
      return pool(builder, back);
    });
    expect(blocks).toMatchObject([{ bytes: whole, first: 0, last: 3 }]);
  });

  it('adds to a dying tensor where a convolution makes the other, and not where something else does', () => {
    const residual = (make: (builder: Builder, x: string) => string) =>
      blocksOf((builder, x) => {
        const skip = pool(builder, x);
        const branch = make(builder, pool(builder, skip));
        return pool(builder, builder.node('Add', [branch, skip]));
      }).length;
    expect(residual((builder, x) => convolve(builder, x, 'w'))).toBe(2);
    expect(residual(pool)).toBe(3);
  });

  it('takes a normalisation that is folded as one with its convolution', () => {
    const ones = [1, 1];
    const blocks = blocksOf((builder, x) => {
      const statistics = ['s', 'o', 'm', 'v'].map((name) => weights(builder, name, ones, [2]));
      return pool(builder, builder.node('BatchNormalization', [convolve(builder, x, 'w'), ...statistics]));
    });
    expect(blocks).toHaveLength(1);
  });
});
