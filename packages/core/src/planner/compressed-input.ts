import { cutOf } from '../graph/cut.ts';
import type { Tensor, TensorId } from '../graph/graph.ts';
import type { Problem } from '../plan/problem.ts';
import type { PictureCodec } from '../plan/transfer-codec.ts';
import { codedCrossing } from './coded-crossing.ts';
import { type CodedCut, planTwoStages } from './plan-two-stages.ts';
import type { Planner } from './planner.ts';
import { serverPairs, supportsServers } from './server-pairs.ts';

/**
 * An assumption: bits that a photograph takes for each value of its three colours as JPEG at quality about 90. The true figure depends on
 * the picture and its size; 1.5 is 28 kB for 224 × 224 pixels, where float32 takes 602 kB.
 */
const assumedJpegBits = 1.5;

const jpeg: PictureCodec = { kind: 'picture', bitsPerElement: assumedJpegBits };

/**
 * Everything on the best server, to which the source sends its pictures compressed as JPEG, other inputs raw. Compressing counts no
 * time and no accuracy, as wherever pictures are sent. What split computing has to beat: raw float32 inputs are an easy opponent.
 */
export const compressedInput: Planner = {
  name: 'compressed-input',
  paper: 'baseline',
  lossy: true,
  supports: (problem) => {
    const servers = supportsServers(problem);
    return servers.yes && pictures(problem).length === 0
      ? { yes: false, reason: noPicture(problem) }
      : servers;
  },
  plan: (problem, context) => {
    const cut: CodedCut = { ...cutOf(problem.graph, []), codecOf: picturesAs(problem) };
    return planTwoStages('compressed-input', problem, context, [cut], serverPairs(problem));
  },
};

function picturesAs(problem: Problem): NonNullable<CodedCut['codecOf']> {
  const codecOf = codedCrossing(problem, jpeg);
  const coded = new Set<TensorId>(pictures(problem).map(({ id }) => id));
  return (transfer) => (coded.has(transfer.tensor) ? codecOf(transfer) : { kind: 'raw' });
}

/** Inputs of the shape of colour pictures: float32 [N, 3, H, W]. */
function pictures({ graph }: Problem): readonly Tensor[] {
  return graph.inputs.flatMap((id) => {
    const tensor = graph.tensors[id];
    const isPicture = tensor?.type === 'float32' && tensor.shape.length === 4 && tensor.shape[1] === 3;
    return isPicture ? [tensor] : [];
  });
}

function noPicture({ graph }: Problem): string {
  const inputs = graph.inputs.map((id) => {
    const { name = '', type = '', shape = [] } = graph.tensors[id] ?? {};
    return `'${name}' is ${type} [${shape.join(', ')}]`;
  });
  return `No input of '${graph.name}' is a picture, float32 [N, 3, height, width]: ${inputs.join(', ')}.`;
}
