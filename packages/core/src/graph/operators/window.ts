import type { OperatorCall } from './operator-call.ts';

/** A sliding window over the spatial axes of a [N, C, ...] tensor: convolution and pooling. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** All begins, then all ends. */
  readonly pads: readonly number[];
  readonly autoPad: string;
  readonly ceil: boolean;
}

/** `kernel` has one entry a spatial axis. */
export function windowOf(call: OperatorCall, kernel: readonly number[]): Window {
  const listOf = (name: string, length: number, fallback: number, least: number): readonly number[] => {
    const list = call.ints(name) ?? Array.from({ length }, () => fallback);
    if (list.length !== length || list.some((value) => value < least)) {
      throw call.fault(`has ${name} [${list.join(', ')}], expected ${length} numbers >= ${least}`);
    }
    return list;
  };
  const rank = kernel.length;
  if (kernel.some((size) => size < 1))
    throw call.fault(`has kernel [${kernel.join(', ')}], expected numbers >= 1`);
  return {
    kernel,
    strides: listOf('strides', rank, 1, 1),
    dilations: listOf('dilations', rank, 1, 1),
    pads: listOf('pads', 2 * rank, 0, Number.NEGATIVE_INFINITY),
    autoPad: call.text('auto_pad', 'NOTSET'),
    ceil: call.int('ceil_mode', 0) === 1,
  };
}

/** Positions that the window takes along each spatial axis. */
export function slide(call: OperatorCall, spatial: readonly number[], window: Window): readonly number[] {
  if (spatial.length !== window.kernel.length) {
    throw call.fault(`slides a window of ${window.kernel.length} axes over ${spatial.length}`);
  }
  return spatial.map((size, axis) => slideAxis(call, size, axis, window));
}

function slideAxis(call: OperatorCall, size: number, axis: number, window: Window): number {
  const stride = window.strides[axis] ?? 1;
  const extent = extentOf(window, axis);
  if (window.autoPad.startsWith('SAME')) return Math.ceil(size / stride);
  const valid = window.autoPad === 'VALID';
  const before = valid ? 0 : (window.pads[axis] ?? 0);
  const after = valid ? 0 : (window.pads[axis + window.kernel.length] ?? 0);
  const room = size + before + after - extent;
  if (room < 0)
    throw call.fault(
      `needs at least ${extent} elements along axis ${axis + 2}, got ${size + before + after}`,
    );
  if (!window.ceil) return Math.floor(room / stride) + 1;
  const positions = Math.ceil(room / stride) + 1;
  // A window that would start in the padding behind the input is left out.
  return (positions - 1) * stride >= size + before ? positions - 1 : positions;
}

/** Elements from the first to the last that the dilated kernel touches. */
export function extentOf(window: Window, axis: number): number {
  return ((window.kernel[axis] ?? 1) - 1) * (window.dilations[axis] ?? 1) + 1;
}
