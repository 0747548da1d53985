import { broadcastPositions, broadcastShape } from './broadcast.ts';
import { type Fact, factOf } from './fact.ts';
import type { OperatorCall } from './operator-call.ts';
import { type Count, elementsOf, type OperatorRules, rule } from './operator-rule.ts';

function expand(call: OperatorCall): readonly Fact[] {
  const fact = call.input(0);
  const shape = broadcastShape(call, [fact.shape, call.values(1)]);
  return [
    factOf(fact.type, shape, () => {
      const values = fact.values();
      return values && broadcastPositions(fact.shape, shape).map((position) => values[position] ?? 0);
    }),
  ];
}

function tile(call: OperatorCall): readonly Fact[] {
  const repeats = call.values(1);
  return [factOf(call.input(0).type, scaled(call, repeats))];
}

function scaled(call: OperatorCall, factors: readonly number[]): readonly number[] {
  const shape = call.shape(0);
  if (factors.length !== shape.length) {
    throw call.fault(`has ${factors.length} factors for a tensor of rank ${shape.length}`);
  }
  // The runtime multiplies in single precision.
  return shape.map((size, axis) => Math.floor(Math.fround(size * Math.fround(factors[axis] ?? 1))));
}

/** Pads are all begins, then all ends, of the named axes (default all); negative ones crop. */
function pad(call: OperatorCall): readonly Fact[] {
  const shape = call.shape(0);
  const pads = call.listed('pads', 1) ?? [];
  const axes = call.optionalValues(3)?.map((axis) => call.axis(axis, shape.length)) ?? [...shape.keys()];
  if (pads.length !== 2 * axes.length) {
    throw call.fault(`has ${pads.length} pads for ${axes.length} axes, expected two an axis`);
  }
  let padded = shape;
  for (const [index, axis] of axes.entries()) {
    const extra = (pads[index] ?? 0) + (pads[index + axes.length] ?? 0);
    padded = padded.with(axis, (padded[axis] ?? 0) + extra);
  }
  return [factOf(call.input(0).type, padded)];
}

/** Inputs X, roi, scales, sizes; before version 11 X, scales. */
function resize(call: OperatorCall): readonly Fact[] {
  const { shape, type } = call.input(0);
  const axes = call.ints('axes')?.map((axis) => call.axis(axis, shape.length)) ?? [...shape.keys()];
  const sizes = call.opset < 11 ? null : call.optionalValues(3);
  if (sizes !== null) return [factOf(type, sized(call, axes, sizes))];
  const scales = call.listedFloats('scales', call.opset < 11 ? 1 : 2);
  if (scales === null) throw call.fault('has neither scales nor sizes');
  const factors = shape.map(() => 1);
  for (const [index, axis] of axes.entries()) factors[axis] = scales[index] ?? 1;
  return [factOf(type, scaled(call, factors))];
}

function sized(call: OperatorCall, axes: readonly number[], sizes: readonly number[]): readonly number[] {
  const shape = call.shape(0);
  const policy = call.text('keep_aspect_ratio_policy', 'stretch');
  const ratios = axes.map((axis, index) => (sizes[index] ?? 1) / (shape[axis] ?? 1));
  const ratio = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  return axes.reduce(
    (result: readonly number[], axis, index) =>
      result.with(axis, policy === 'stretch' ? (sizes[index] ?? 1) : Math.round(ratio * (shape[axis] ?? 1))),
    shape,
  );
}

/** Linear interpolation blends two neighbours an axis that changes (three operations each), cubic four. */
const resizeFlops: Count = (call, outputs) => {
  const mode = call.text('mode', 'nearest');
  const taps = mode === 'nearest' ? 0 : mode === 'cubic' ? 7 : 3;
  const changed = call.shape(0).filter((size, axis) => size !== outputs[0]?.shape[axis]).length;
  return taps * changed * elementsOf(outputs[0]);
};

export const resizingRules: OperatorRules = {
  Expand: rule(expand),
  Tile: rule(tile),
  Pad: rule(pad),
  Resize: rule(resize, resizeFlops),
  Upsample: rule(resize, resizeFlops),
};
