import { elementBits } from '../../onnx/model.ts';
import { elementCount, type Fact, factOf } from './fact.ts';
import type { OperatorCall } from './operator-call.ts';
import { type Count, elementsOf, type OperatorRules, rule } from './operator-rule.ts';
import { extentOf, slide, windowOf } from './window.ts';

/** Where an operator of the family keeps its parts: positions of its inputs. */
interface Layout {
  readonly weight: number;
  readonly bias: number;
}

const float: Layout = { weight: 1, bias: 2 };
const integer: Layout = { weight: 1, bias: -1 };
const quantised: Layout = { weight: 3, bias: 8 };

/** Input [N, C, ...], weight [M, C/group, kernel...], output [N, M, ...]. */
function convolve(call: OperatorCall, layout: Layout): readonly number[] {
  const [batch, channels, ...spatial] = call.shape(0);
  const [filters, depth, ...kernel] = call.shape(layout.weight);
  const groups = call.int('group', 1);
  if (batch === undefined || channels === undefined || filters === undefined || depth === undefined) {
    throw call.fault('needs an input and a weight of rank >= 3');
  }
  if (depth * groups !== channels) {
    throw call.fault(`has a weight for ${depth * groups} channels, got ${channels}`);
  }
  return [batch, filters, ...slide(call, spatial, windowOf(call, kernel))];
}

/** Two operations a multiply-accumulate, and two for adding the bias, as table I of Mu et al. counts. */
const convolutionFlops =
  (layout: Layout): Count =>
  (call, outputs) => {
    const [, ...receptive] = call.shape(layout.weight);
    const bias = elementsOf(call.inputs[layout.bias]) > 0 ? 1 : 0;
    return 2 * elementsOf(outputs[0]) * (elementCount(receptive) + bias);
  };

/** Input [N, C, ...], weight [C, M/group, kernel...], output [N, M, ...]. */
function transposedConvolve(call: OperatorCall): readonly Fact[] {
  const [batch, channels, ...spatial] = call.shape(0);
  const [depth, filters, ...kernel] = call.shape(1);
  if (batch === undefined || channels === undefined || depth === undefined || filters === undefined) {
    throw call.fault('needs an input and a weight of rank >= 3');
  }
  if (depth !== channels) throw call.fault(`has a weight for ${depth} channels, got ${channels}`);
  if (spatial.length !== kernel.length) throw call.fault('has a kernel of another rank than its input');
  const sizes = call.ints('output_shape')?.slice(-spatial.length) ?? spread(call, spatial, kernel);
  return [factOf(call.input(0).type, [batch, filters * call.int('group', 1), ...sizes])];
}

function spread(call: OperatorCall, spatial: readonly number[], kernel: readonly number[]): number[] {
  const window = windowOf(call, kernel);
  const extra = call.ints('output_padding') ?? [];
  return spatial.map((size, axis) => {
    const stride = window.strides[axis] ?? 1;
    if (window.autoPad.startsWith('SAME')) return size * stride;
    const valid = window.autoPad === 'VALID';
    const pads = valid ? 0 : (window.pads[axis] ?? 0) + (window.pads[axis + kernel.length] ?? 0);
    return stride * (size - 1) + (extra[axis] ?? 0) + extentOf(window, axis) - pads;
  });
}

/** Every input element meets every weight of its channel. */
const transposedFlops: Count = (call, outputs) => {
  const [, ...receptive] = call.shape(1);
  const bias = elementsOf(call.inputs[2]) > 0 ? 2 * elementsOf(outputs[0]) : 0;
  return 2 * elementsOf(call.input(0)) * elementCount(receptive) + bias;
};

/** The columns that are summed into the output, for one image. */
const transposedWorkspace: Count = (call) => {
  const [, channels = 0, ...spatial] = call.shape(0);
  const [depth = 1, ...receptive] = call.shape(1);
  const columns = (elementCount(spatial) * elementCount(receptive) * channels) / Math.max(1, depth);
  return (columns * elementBits[call.input(0).type]) / 8;
};

export const convolutionRules: OperatorRules = {
  Conv: rule((call) => [factOf(call.input(0).type, convolve(call, float))], convolutionFlops(float)),
  ConvInteger: rule((call) => [factOf('int32', convolve(call, integer))], convolutionFlops(integer)),
  QLinearConv: rule(
    (call) => [factOf(call.input(7).type, convolve(call, quantised))],
    convolutionFlops(quantised),
  ),
  ConvTranspose: rule(transposedConvolve, transposedFlops, transposedWorkspace),
};
