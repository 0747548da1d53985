import { coordinatesOf, positionOf } from './broadcast.ts';
import { elementCount, type Fact, factOf } from './fact.ts';
import type { OperatorCall } from './operator-call.ts';
import { each, likeInput, type OperatorRules, rule } from './operator-rule.ts';

/** A tensor of `shape` whose element at a coordinate is the input's at `from(coordinate)`. */
function picked(
  fact: Fact,
  shape: readonly number[],
  from: (coordinate: readonly number[]) => readonly number[],
): Fact {
  return factOf(fact.type, shape, () => {
    const values = fact.values();
    return (
      values &&
      coordinatesOf(shape).map((coordinate) => values[positionOf(from(coordinate), fact.shape)] ?? 0)
    );
  });
}

function concat(call: OperatorCall): readonly Fact[] {
  const facts = call.inputs.map((_, index) => call.input(index));
  const first = call.shape(0);
  const axis = call.axis(call.int('axis', call.opset < 4 ? 1 : 0), first.length);
  let size = 0;
  for (const { shape } of facts) {
    const fits = shape.length === first.length && shape.every((own, at) => at === axis || own === first[at]);
    if (!fits)
      throw call.fault(`cannot join [${shape.join(', ')}] to [${first.join(', ')}] along axis ${axis}`);
    size += shape[axis] ?? 0;
  }
  return [factOf(call.input(0).type, first.with(axis, size), () => joined(facts, axis))];
}

function joined(facts: readonly Fact[], axis: number): readonly number[] | null {
  const parts = facts.map((fact) => ({ values: fact.values(), run: elementCount(fact.shape.slice(axis)) }));
  const rows = elementCount((facts[0]?.shape ?? []).slice(0, axis));
  const out: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (const { values, run } of parts) {
      if (values === null) return null;
      out.push(...values.slice(row * run, (row + 1) * run));
    }
  }
  return out;
}

function split(call: OperatorCall): readonly Fact[] {
  const fact = call.input(0);
  const axis = call.axis(call.int('axis', 0), fact.shape.length);
  const size = fact.shape[axis] ?? 0;
  const sizes = call.listed('split', 1) ?? evenParts(call, size);
  if (sizes.reduce((sum, part) => sum + part, 0) !== size) {
    throw call.fault(`splits ${size} elements into [${sizes.join(', ')}]`);
  }
  let start = 0;
  return sizes.map((part) => {
    const begin = start;
    start += part;
    return picked(fact, fact.shape.with(axis, part), (at) => at.with(axis, (at[axis] ?? 0) + begin));
  });
}

/** All parts of equal size; the last takes what is left. */
function evenParts(call: OperatorCall, size: number): number[] {
  const parts = call.node.outputs.length;
  if (call.int('num_outputs', parts) !== parts)
    throw call.fault(`has ${parts} outputs, expected num_outputs`);
  const part = Math.ceil(size / parts);
  return Array.from({ length: parts }, (_, index) => Math.max(0, Math.min(part, size - part * index)));
}

interface Range {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly size: number;
}

function slice(call: OperatorCall): readonly Fact[] {
  const fact = call.input(0);
  const starts = call.listed('starts', 1) ?? [];
  const ends = call.listed('ends', 2) ?? [];
  const axes = call.listed('axes', 3) ?? [...starts.keys()];
  const steps = call.optionalValues(4) ?? starts.map(() => 1);
  const ranges = axes.map((axis, index) =>
    rangeOf(
      call,
      call.axis(axis, fact.shape.length),
      starts[index] ?? 0,
      ends[index] ?? 0,
      steps[index] ?? 1,
    ),
  );
  let shape = fact.shape;
  for (const { axis, size } of ranges) shape = shape.with(axis, size);
  return [
    picked(fact, shape, (at) =>
      ranges.reduce<readonly number[]>(
        (from, { axis, start, step }) => from.with(axis, start + step * (at[axis] ?? 0)),
        at,
      ),
    ),
  ];
}

/** Python's slice: negative positions count from the end, what lies outside is clamped. */
function rangeOf(call: OperatorCall, axis: number, from: number, to: number, step: number): Range {
  if (step === 0) throw call.fault('slices with step 0');
  const length = call.shape(0)[axis] ?? 0;
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (value: number): number => Math.min(high, Math.max(low, value < 0 ? value + length : value));
  // With a negative step the start is clamped to an element, the end may lie one before the first.
  const start = step > 0 ? clamp(from) : Math.max(0, clamp(from));
  return { axis, start, step, size: Math.max(0, Math.ceil((clamp(to) - start) / step)) };
}

function gather(call: OperatorCall): readonly Fact[] {
  const fact = call.input(0);
  const indices = call.input(1);
  const axis = call.axis(call.int('axis', 0), fact.shape.length);
  const rank = indices.shape.length;
  const shape = [...fact.shape.slice(0, axis), ...indices.shape, ...fact.shape.slice(axis + 1)];
  const size = fact.shape[axis] ?? 0;
  return [
    factOf(fact.type, shape, () => {
      const [values, picks] = [fact.values(), indices.values()];
      if (values === null || picks === null) return null;
      return coordinatesOf(shape).map((at) => {
        const pick = picks[positionOf(at.slice(axis, axis + rank), indices.shape)] ?? 0;
        const from = [...at.slice(0, axis), pick < 0 ? pick + size : pick, ...at.slice(axis + rank)];
        return values[positionOf(from, fact.shape)] ?? 0;
      });
    }),
  ];
}

/** Index tuples along the last axis of the second input, after `batch_dims` common axes. */
function gatherTuples(call: OperatorCall): readonly Fact[] {
  const [data, indices] = [call.shape(0), call.shape(1)];
  const skipped = call.int('batch_dims', 0) + (indices.at(-1) ?? 0);
  return [factOf(call.input(0).type, [...indices.slice(0, -1), ...data.slice(skipped)])];
}

function oneHot(call: OperatorCall): readonly Fact[] {
  const shape = call.shape(0);
  const axis = call.axis(call.int('axis', -1), shape.length + 1);
  return [factOf(call.input(2).type, shape.toSpliced(axis, 0, call.values(1)[0] ?? 0))];
}

/** Memory traffic only: no operations. */
export const selectingRules: OperatorRules = {
  Concat: rule(concat),
  Split: rule(split),
  Slice: rule(slice),
  Gather: rule(gather),
  GatherElements: rule((call) => [factOf(call.input(0).type, call.shape(1))]),
  GatherND: rule(gatherTuples),
  OneHot: rule(oneHot),
  ...each(
    ['Scatter', 'ScatterElements', 'ScatterND', 'Trilu', 'ReverseSequence'],
    rule((call) => likeInput(call)),
  ),
};
