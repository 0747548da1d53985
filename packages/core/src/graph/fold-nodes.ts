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
 * nobody else reads, and a bias into its matrix product likewise, as in Gemm: ONNX Runtime fuses both pairs at its basic level, with
 * other roundings than the two nodes have. Dropout and identity fold into whatever yields their input, which may be a graph input: then into nothing.
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
    const folds = isPassive(proto) || (alone && absorbs(nodes[producer], proto));
    roots.push(folds ? (roots[producer] ?? producer) : null);
  }
  return roots;
}

function isPassive({ domain, opType }: NodeProto): boolean {
  return domain === '' && (opType === 'Dropout' || opType === 'Identity');
}

/** The folded node reads one activation; all else that it adds or scales by is a parameter. */
function absorbs(producer: FoldCandidate | undefined, node: NodeProto): boolean {
  if (producer === undefined || node.domain !== '' || producer.proto.domain !== '') return false;
  const { opType } = producer.proto;
  if (node.opType === 'BatchNormalization') return absorbsNormalisation.has(opType);
  return node.opType === 'Add' && opType === 'MatMul' && producer.inputs.length === 1;
}
