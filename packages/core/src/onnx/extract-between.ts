import { InvalidInputError } from '../errors.ts';
import { assemblePart, type TypeOf } from './assemble-part.ts';
import type { ModelProto } from './model.ts';
import { nodeTitle, type Wiring, wiringOf } from './wiring.ts';

export interface ExtractBetweenOptions {
  /** Tensors that are fed, in the order that the part lists them. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly typeOf: TypeOf;
  /** @default the graph's name */
  readonly name?: string;
}

/**
 * The sub-model that computes `outputs` from `inputs`. Unlike the extractor that comes with ONNX it never returns an invalid model:
 * throws InvalidInputError, naming the tensor, where the outputs need an input of the model that is not given, where a given
 * input is also computed inside, and where a name is unknown or given twice.
 */
export function extractBetween(model: ModelProto, options: ExtractBetweenOptions): ModelProto {
  const wiring = wiringOf(model.graph);
  checkNames(wiring, options);
  const members = membersBehind(wiring, new Set(options.inputs), options.outputs);
  refuseComputedInputs(wiring, members, options.inputs);
  return assemblePart(model, wiring, { ...options, members });
}

function checkNames(wiring: Wiring, { inputs, outputs }: ExtractBetweenOptions): void {
  const known = (tensor: string): boolean =>
    wiring.producer.has(tensor) || wiring.inputs.has(tensor) || wiring.initializers.has(tensor);
  for (const tensor of [...inputs, ...outputs]) {
    if (!known(tensor)) throw refused(`the model has no tensor '${tensor}'`);
  }
  const given = new Set<string>();
  for (const tensor of [...inputs, ...outputs]) {
    if (given.size === given.add(tensor).size) throw refused(`tensor '${tensor}' is given twice`);
  }
  const passed = outputs.find((tensor) => !wiring.producer.has(tensor));
  if (passed !== undefined) throw refused(`output '${passed}' is not computed by any node`);
  if (outputs.length === 0) throw refused('no output is given');
}

/** All nodes that depend on an input of the model and lie between. */
function membersBehind(wiring: Wiring, inputs: ReadonlySet<string>, outputs: readonly string[]): Set<number> {
  const members = new Set<number>();
  const pending = outputs.map((tensor) => ({ tensor, reader: 'the outputs' }));
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { tensor, reader } = next;
    if (inputs.has(tensor) || wiring.initializers.has(tensor)) continue;
    const source = wiring.producer.get(tensor);
    if (source === undefined)
      throw refused(`the outputs need '${tensor}' (through ${reader}), which is not among the given inputs`);
    const need = wiring.needs[source];
    if (!need || need.constant || members.has(source)) continue;
    members.add(source);
    const title = nodeTitle(wiring.graph, source);
    for (const read of need.reads) pending.push({ tensor: read, reader: title });
  }
  return members;
}

function refuseComputedInputs(wiring: Wiring, members: ReadonlySet<number>, inputs: readonly string[]): void {
  for (const tensor of inputs) {
    const source = wiring.producer.get(tensor);
    if (source !== undefined && members.has(source))
      throw refused(
        `input '${tensor}' is also computed inside, by ${nodeTitle(wiring.graph, source)}, whose other results are needed`,
      );
  }
}

function refused(what: string): InvalidInputError {
  return new InvalidInputError(what, 'Give inputs that cut the outputs off from the rest of the model.');
}
