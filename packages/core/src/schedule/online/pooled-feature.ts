import { InvalidInputError } from '../../errors.ts';

/** How one request's activation is laid out: which of its values belong to one channel. */
export interface FeatureLayout {
  readonly channels: number;
  /** Values of each channel: pixels, or tokens. */
  readonly positions: number;
  readonly order: 'channels-first' | 'channels-last';
}

/**
 * The layout of [1, C, H, W] and of more spatial axes: channels first; [1, T, d]: tokens, each of d channels; [1, C]: channels alone.
 * Throws InvalidInputError on other shapes and on more than one request.
 */
export function featureLayout(shape: readonly number[]): FeatureLayout {
  const [batch, ...own] = shape;
  const isWhole = shape.every((size) => Number.isSafeInteger(size) && size > 0);
  const [first = 0, second = 1] = own;
  if (batch !== 1 || own.length === 0 || !isWhole) {
    throw new InvalidInputError(
      `an activation has the shape [${shape.join(', ')}], expected [1, C, H, W], [1, tokens, channels] or [1, C]`,
      'Look at one request at a time, at a tensor whose sizes are known.',
    );
  }
  if (own.length === 1) return { channels: first, positions: 1, order: 'channels-first' };
  if (own.length === 2) return { channels: second, positions: first, order: 'channels-last' };
  const positions = own.slice(1).reduce((product, size) => product * size, 1);
  return { channels: first, positions, order: 'channels-first' };
}

/** Whether `featureLayout` knows one. */
export function hasFeature(shape: readonly number[]): boolean {
  try {
    return featureLayout(shape).channels > 0;
  } catch (error) {
    if (error instanceof InvalidInputError) return false;
    throw error;
  }
}

/** How many values `poolFeature` writes for tensors of these layouts. */
export function featureSize(layouts: readonly FeatureLayout[]): number {
  return layouts.reduce((sum, { channels }) => sum + channels, 0);
}

/**
 * The mean of each channel (COACH, semantic features), of all tensors that cross a cut, one behind the other, into `out`. Of several tensors each
 * has its part scaled to length 1, so that one of greater values does not decide alone; the paper leaves that open. False where a mean is
 * not finite. Nothing is allocated; O(values). Throws InvalidInputError where lengths do not fit the layouts.
 */
export function poolFeature(
  layouts: readonly FeatureLayout[],
  tensors: readonly Float32Array[],
  out: Float32Array,
): boolean {
  let offset = 0;
  for (let at = 0; at < layouts.length; at++) {
    const layout = layouts[at];
    const values = tensors[at];
    if (layout === undefined || values === undefined || values.length !== layout.channels * layout.positions)
      throw unfit(layouts, tensors, out);
    if (layout.order === 'channels-first') poolRows(layout, values, out, offset);
    else poolColumns(layout, values, out, offset);
    if (layouts.length > 1) scaleToOne(out, offset, offset + layout.channels);
    offset += layout.channels;
  }
  if (offset !== out.length) throw unfit(layouts, tensors, out);
  for (let channel = 0; channel < offset; channel++) if (!Number.isFinite(out[channel])) return false;
  return true;
}

/** Four sums at once, so that one addition does not wait for the other. */
function poolRows(layout: FeatureLayout, values: Float32Array, out: Float32Array, offset: number): void {
  const { channels, positions } = layout;
  const even = positions - (positions % 4);
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * positions;
    const turns = start + even;
    let [first, second, third, fourth] = [0, 0, 0, 0];
    for (let at = start; at < turns; at += 4) {
      first += values[at] ?? 0;
      second += values[at + 1] ?? 0;
      third += values[at + 2] ?? 0;
      fourth += values[at + 3] ?? 0;
    }
    for (let at = turns; at < start + positions; at++) first += values[at] ?? 0;
    out[offset + channel] = (first + second + (third + fourth)) / positions;
  }
}

function poolColumns(layout: FeatureLayout, values: Float32Array, out: Float32Array, offset: number): void {
  const { channels, positions } = layout;
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    for (let at = channel; at < values.length; at += channels) sum += values[at] ?? 0;
    out[offset + channel] = sum / positions;
  }
}

/** What is 0 throughout stays so. */
function scaleToOne(out: Float32Array, from: number, to: number): void {
  let square = 0;
  for (let at = from; at < to; at++) square += (out[at] ?? 0) ** 2;
  const length = Math.sqrt(square);
  if (length === 0) return;
  for (let at = from; at < to; at++) out[at] = (out[at] ?? 0) / length;
}

function unfit(
  layouts: readonly FeatureLayout[],
  tensors: readonly Float32Array[],
  out: Float32Array,
): InvalidInputError {
  const expected = layouts.map(({ channels, positions }) => channels * positions).join(', ');
  const got = tensors.map(({ length }) => length).join(', ');
  return new InvalidInputError(
    `activations have ${got} values and the feature ${out.length}, expected ${expected} and ${featureSize(layouts)}`,
    'Give the tensors of the cut in the order of the layouts.',
  );
}
