import type { NodeProto } from '../onnx/model.ts';
import type { NodeId } from './graph.ts';

/** What folding looks at: a node's operator and its one activation input, if it is one. */
export interface FoldCandidate {
  readonly proto: NodeProto;
  readonly inputs: readonly string[];
}

const absorbsNormalisation = new Set(['Conv', 'ConvTranspose', 'Gemm']);

/**
 * For each node the root that it is folded into, or null. Batch normalisation folds into the convolution or product whose output
 * nobody else reads; dropout and identity fold into whatever yields their input, which may be a graph input: then into nothing.
 */
export function foldNodes(
  nodes: readonly FoldCandidate[],
  returned: ReadonlySet<string>,
): readonly (NodeId | null)[] {
  const producers = new Map<string, NodeId>();
  const readers = new Map<string, number>();
  for (const [id, { proto, inputs }] of nodes.entries()) {
    for (const output of proto.outputs) producers.set(output, id);
    for (const input of inputs) readers.set(input, (readers.get(input) ?? 0) + 1);
  }
  const roots: (NodeId | null)[] = [];
  for (const { proto, inputs } of nodes) {
    const [input] = inputs;
    const producer = input === undefined || inputs.length > 1 ? undefined : producers.get(input);
    if (input === undefined || producer === undefined) {
      roots.push(null);
      continue;
    }
    const alone = readers.get(input) === 1 && !returned.has(input);
    const folds = isPassive(proto) || (alone && absorbs(nodes[producer]?.proto, proto));
    roots.push(folds ? (roots[producer] ?? producer) : null);
  }
  return roots;
}

function isPassive({ domain, opType }: NodeProto): boolean {
  return domain === '' && (opType === 'Dropout' || opType === 'Identity');
}

function absorbs(producer: NodeProto | undefined, node: NodeProto): boolean {
  if (producer === undefined || node.domain !== '' || producer.domain !== '') return false;
  return node.opType === 'BatchNormalization' && absorbsNormalisation.has(producer.opType);
}
