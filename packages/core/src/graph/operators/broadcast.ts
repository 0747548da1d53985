import type { OperatorCall } from './operator-call.ts';

/** The shape that all `shapes` broadcast to, numpy's way: aligned at the last axis, 1 stretches. */
export function broadcastShape(
  call: OperatorCall,
  shapes: readonly (readonly number[])[],
): readonly number[] {
  const rank = shapes.reduce((most, shape) => Math.max(most, shape.length), 0);
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1;
    for (const shape of shapes) {
      const own = shape[shape.length - rank + axis] ?? 1;
      if (own === 1 || own === size) continue;
      if (size !== 1)
        throw call.fault(
          `cannot broadcast shapes ${shapes.map((one) => `[${one.join(', ')}]`).join(' and ')}`,
        );
      size = own;
    }
    return size;
  });
}

/** For each element of `to`, row-major, the position in a tensor of shape `from` that broadcasts to it. */
export function broadcastPositions(from: readonly number[], to: readonly number[]): number[] {
  const strides = stridesOf(from);
  const offset = to.length - from.length;
  return coordinatesOf(to).map((coordinate) =>
    strides.reduce(
      (sum, stride, axis) => sum + (from[axis] === 1 ? 0 : stride * (coordinate[axis + offset] ?? 0)),
      0,
    ),
  );
}

/** Row-major strides in elements. */
function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  }
  return strides;
}

/** The coordinates of every element, row-major; for small tensors. */
export function coordinatesOf(shape: readonly number[]): number[][] {
  let rows: number[][] = [[]];
  for (const size of shape) {
    rows = rows.flatMap((row) => Array.from({ length: size }, (_, index) => [...row, index]));
  }
  return rows;
}

/** The position of a coordinate in a row-major tensor. */
export function positionOf(coordinate: readonly number[], shape: readonly number[]): number {
  return coordinate.reduce((position, at, axis) => position * (shape[axis] ?? 1) + at, 0);
}
