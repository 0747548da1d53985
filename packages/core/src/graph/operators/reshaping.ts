import { coordinatesOf, positionOf } from './broadcast.ts';
import { elementCount, type Fact, factOf } from './fact.ts';
import type { OperatorCall } from './operator-call.ts';
import { type OperatorRules, rule } from './operator-rule.ts';

/** The same elements in another shape. */
function reshaped(call: OperatorCall, shape: readonly number[]): readonly Fact[] {
  const fact = call.input(0);
  if (elementCount(shape) !== elementCount(fact.shape)) {
    throw call.fault(`cannot give [${fact.shape.join(', ')}] the shape [${shape.join(', ')}]`);
  }
  return [factOf(fact.type, shape, fact.values)];
}

/** 0 copies the input's dimension unless allowzero, -1 takes what is left. */
function reshape(call: OperatorCall): readonly Fact[] {
  const from = call.shape(0);
  const wanted = call.listed('shape', 1) ?? [];
  const copies = call.int('allowzero', 0) === 0;
  const shape = wanted.map((size, axis) => (size === 0 && copies ? (from[axis] ?? 0) : size));
  const free = shape.indexOf(-1);
  if (free < 0) return reshaped(call, shape);
  const rest = elementCount(shape.filter((_, axis) => axis !== free));
  const left = rest === 0 ? 0 : elementCount(from) / rest;
  if (!Number.isInteger(left)) {
    throw call.fault(`cannot give [${from.join(', ')}] the shape [${wanted.join(', ')}]`);
  }
  return reshaped(call, shape.with(free, left));
}

/** [product of the dimensions before `axis`, product of the rest]. */
function flatten(call: OperatorCall): readonly Fact[] {
  const shape = call.shape(0);
  const wanted = call.int('axis', 1);
  const axis = wanted === shape.length ? wanted : shape.length === 0 ? 0 : call.axis(wanted, shape.length);
  return reshaped(call, [elementCount(shape.slice(0, axis)), elementCount(shape.slice(axis))]);
}

function squeeze(call: OperatorCall): readonly Fact[] {
  const shape = call.shape(0);
  const listed = call.listed('axes', 1);
  const axes =
    listed?.map((axis) => call.axis(axis, shape.length)) ??
    [...shape.keys()].filter((axis) => shape[axis] === 1);
  return reshaped(
    call,
    shape.filter((_, axis) => !axes.includes(axis)),
  );
}

function unsqueeze(call: OperatorCall): readonly Fact[] {
  const listed = call.listed('axes', 1) ?? [];
  const rank = call.shape(0).length + listed.length;
  const axes = new Set(listed.map((axis) => call.axis(axis, rank)));
  if (axes.size !== listed.length)
    throw call.fault(`inserts axes [${listed.join(', ')}], expected distinct ones`);
  const sizes = call.shape(0)[Symbol.iterator]();
  return reshaped(
    call,
    Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : Number(sizes.next().value))),
  );
}

function transpose(call: OperatorCall): readonly Fact[] {
  const fact = call.input(0);
  const order = call.ints('perm') ?? [...fact.shape.keys()].reverse();
  if (
    [...order].sort((left, right) => left - right).some((axis, index) => axis !== index) ||
    order.length !== fact.shape.length
  ) {
    throw call.fault(`permutes axes [${order.join(', ')}] of a tensor of rank ${fact.shape.length}`);
  }
  const shape = order.map((axis) => fact.shape[axis] ?? 1);
  return [
    factOf(fact.type, shape, () => {
      const values = fact.values();
      if (values === null) return null;
      return coordinatesOf(shape).map((coordinate) => {
        const from = fact.shape.map((_, axis) => coordinate[order.indexOf(axis)] ?? 0);
        return values[positionOf(from, fact.shape)] ?? 0;
      });
    }),
  ];
}

function depthToSpace(call: OperatorCall): readonly Fact[] {
  const [batch = 1, channels = 1, height = 1, width = 1] = call.shape(0);
  const block = call.int('blocksize', 1);
  return reshaped(call, [batch, channels / block ** 2, height * block, width * block]).map(unfolded);
}

function spaceToDepth(call: OperatorCall): readonly Fact[] {
  const [batch = 1, channels = 1, height = 1, width = 1] = call.shape(0);
  const block = call.int('blocksize', 1);
  return reshaped(call, [batch, channels * block ** 2, height / block, width / block]).map(unfolded);
}

const unfolded = (fact: Fact): Fact => factOf(fact.type, fact.shape);

/** Memory traffic only: no operations. */
export const reshapingRules: OperatorRules = {
  Reshape: rule(reshape),
  Flatten: rule(flatten),
  Squeeze: rule(squeeze),
  Unsqueeze: rule(unsqueeze),
  Transpose: rule(transpose),
  DepthToSpace: rule(depthToSpace),
  SpaceToDepth: rule(spaceToDepth),
};
