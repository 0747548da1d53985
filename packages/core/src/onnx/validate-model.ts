import { TandemError } from '../errors.ts';
import { subgraphs } from './attributes.ts';
import { initializerNames } from './dependence.ts';
import { byteCount, elementCount } from './element-count.ts';
import type { GraphProto, ModelProto, NodeProto, OperatorSet, TensorProto, ValueInfo } from './model.ts';

/** Names that a graph can read: its own so far, then those of the graphs around it. */
interface Scope {
  readonly names: Set<string>;
  readonly outer: Scope | null;
}

type Report = (fault: string) => void;

const mostFaults = 100;

/**
 * What is wrong with a model, one sentence a fault, at most 100; empty = valid. Checked: one producer a tensor, everything read is
 * yielded before, outputs exist and have types, operator domains are imported, dims and data agree; sub-graphs too. Not
 * checked: whether operators exist and accept their inputs.
 */
export function validateModel(model: ModelProto): readonly string[] {
  const faults: string[] = [];
  const report = (fault: string): void => {
    if (faults.length < mostFaults) faults.push(fault);
  };
  const { graph } = model;
  checkOperatorSets(model.operatorSets, report);
  if (graph.outputs.length === 0) report('The graph has no output.');
  for (const info of [...graph.inputs, ...graph.outputs])
    if (!info.type) report(`The graph's input or output '${info.name}' has no type.`);
  const domains = new Set(model.operatorSets.map(({ domain }) => plainDomain(domain)));
  checkGraph(graph, null, domains, report);
  return faults;
}

function checkOperatorSets(sets: readonly OperatorSet[], report: Report): void {
  const seen = new Set<string>();
  if (sets.length === 0) report('The model imports no operator set.');
  for (const { domain, version } of sets) {
    if (!(version >= 1)) report(`Operator set '${domain}' has version ${version}, expected 1 or more.`);
    if (seen.has(plainDomain(domain))) report(`Operator set '${domain}' is imported twice.`);
    seen.add(plainDomain(domain));
  }
}

function checkGraph(
  graph: GraphProto,
  outer: Scope | null,
  domains: ReadonlySet<string>,
  report: Report,
): void {
  const scope: Scope = { names: initializerNames(graph), outer };
  checkRepeats(graph.initializers, 'initializer', report);
  checkRepeats(graph.inputs, 'input', report);
  checkRepeats(graph.outputs, 'output', report);
  for (const input of graph.inputs) scope.names.add(input.name);
  for (const tensor of graph.initializers) checkTensor(tensor, report);
  for (const info of [...graph.inputs, ...graph.outputs, ...graph.valueInfos]) checkDimensions(info, report);
  for (const node of graph.nodes) checkNode(node, scope, domains, report);
  for (const { name } of graph.outputs)
    if (!isKnown(name, scope)) report(`Output '${name}' is yielded by nothing.`);
}

function checkNode(node: NodeProto, scope: Scope, domains: ReadonlySet<string>, report: Report): void {
  const title = `${node.opType || 'A node without operator type'} '${node.name || (node.outputs[0] ?? '')}'`;
  if (node.opType === '') report(`${title} cannot be run.`);
  if (!domains.has(plainDomain(node.domain)))
    report(`${title} is of domain '${node.domain}', which is not imported.`);
  for (const input of node.inputs)
    if (input !== '' && !isKnown(input, scope))
      report(`${title} reads '${input}' before anything yields it.`);
  checkRepeats(node.attributes, `attribute of ${title}`, report);
  for (const attribute of node.attributes)
    if (attribute.kind === 'tensor') checkTensor(attribute.value, report);
  for (const body of subgraphs(node)) checkGraph(body, scope, domains, report);
  for (const output of node.outputs) {
    if (output === '') continue;
    if (scope.names.has(output)) report(`${title} yields '${output}', which exists already.`);
    scope.names.add(output);
  }
}

function checkRepeats(items: readonly { readonly name: string }[], what: string, report: Report): void {
  const seen = new Set<string>();
  for (const { name } of items) {
    if (seen.has(name)) report(`The ${what} '${name}' occurs twice.`);
    seen.add(name);
  }
}

function checkTensor(tensor: TensorProto, report: Report): void {
  const { data, name, elementType, dims } = tensor;
  try {
    const expected = data.kind === 'strings' ? elementCount(name, dims) : byteCount(name, elementType, dims);
    const got = lengthOf(tensor);
    if (got !== null && got !== expected) report(`Tensor '${name}' holds ${got}, expected ${expected}.`);
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    report(`${error.message}.`);
  }
  if ((elementType === 'string') !== (data.kind === 'strings') && data.kind !== 'external')
    report(`Tensor '${name}' is of type ${elementType} and holds ${data.kind}.`);
}

/** Bytes or strings that are there; null where the file beside the model decides. */
function lengthOf({ data }: TensorProto): number | null {
  if (data.kind === 'external') return data.length;
  return data.kind === 'strings' ? data.values.length : data.bytes.length;
}

function checkDimensions(info: ValueInfo, report: Report): void {
  if (info.type?.kind !== 'tensor') return;
  for (const size of info.type.shape ?? [])
    if (typeof size === 'number' && !(Number.isSafeInteger(size) && size >= 0))
      report(`Tensor '${info.name}' has a dimension of ${size}, expected a whole number >= 0.`);
}

function isKnown(name: string, scope: Scope): boolean {
  for (let at: Scope | null = scope; at; at = at.outer) if (at.names.has(name)) return true;
  return false;
}

function plainDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}
