import { InvalidInputError } from '../../errors.ts';
import type { ElementType } from '../../onnx/model.ts';

/** What is known of a tensor before the model runs. */
export interface Fact {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Its elements, row-major, where they follow from constants and shapes alone and are few; booleans are 0 and 1. */
  readonly values: () => readonly number[] | null;
}

/** Tensors with more elements than this are never folded. */
const foldingLimit = 4096;

/** Elements of one tensor that double precision counts exactly; what is larger cannot be a real model's. */
const elementLimit = 2 ** 47;
const rankLimit = 64;

/** `compute` runs at most once, when somebody asks, and not at all for tensors beyond the folding limit. */
export function factOf(
  type: ElementType,
  shape: readonly number[],
  compute?: () => readonly number[] | null,
): Fact {
  const elements = elementCount(shape);
  if (compute === undefined || elements > foldingLimit) return { type, shape, values: () => null };
  let values: readonly number[] | null | undefined;
  return {
    type,
    shape,
    values: () => {
      if (values === undefined) values = compute();
      return values;
    },
  };
}

/** Product of the dimensions. Throws InvalidInputError when a dimension is not a count or the product is absurd. */
export function elementCount(shape: readonly number[]): number {
  if (shape.length > rankLimit) throw impossibleShape(shape);
  let product = 1;
  let size = 1;
  for (const dimension of shape) {
    if (!Number.isSafeInteger(dimension) || dimension < 0) throw impossibleShape(shape);
    product *= dimension;
    size *= Math.max(1, dimension);
  }
  if (size > elementLimit) throw impossibleShape(shape);
  return product;
}

function impossibleShape(shape: readonly number[]): InvalidInputError {
  return new InvalidInputError(
    `a tensor of rank ${shape.length} and shape [${shape.slice(0, 8).join(', ')}] cannot exist, expected at most 64 dimensions >= 0 and 2^47 elements`,
    'Check the model, the batch and the bound dimensions.',
  );
}
