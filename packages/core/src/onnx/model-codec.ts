import { attributeCodec } from './attribute-codec.ts';
import type { Attribute, GraphProto, ModelProto, NodeProto, OperatorSet, ValueInfo } from './model.ts';
import { type Codec, messageCodec, none } from './schema.ts';
import { integer, messageList, optionalMessage, text, textList } from './schema-fields.ts';
import { restAbout } from './sparse-initializers.ts';
import { stringPairCodec } from './string-pair-codec.ts';
import { tensorCodec } from './tensor-codec.ts';
import { valueTypeCodec } from './value-type-codec.ts';

/** A ModelProto whose graph has not been read yet. */
export type ModelDraft = Omit<ModelProto, 'graph'> & { readonly graph: GraphProto | null };

const operatorSetCodec: Codec<OperatorSet> = messageCodec<OperatorSet>(
  () => ({ domain: '', version: 0 }),
  [text(1, 'domain'), integer(2, 'version')],
);

const valueInfoCodec: Codec<ValueInfo> = messageCodec<ValueInfo>(
  () => ({ name: '', type: null, documentation: '', rest: none }),
  [text(1, 'name'), optionalMessage(2, 'type', () => valueTypeCodec), text(3, 'documentation')],
);

const attributes: Codec<Attribute> = attributeCodec(() => graphCodec);

const nodeCodec: Codec<NodeProto> = messageCodec<NodeProto>(
  () => ({
    name: '',
    opType: '',
    domain: '',
    inputs: none,
    outputs: none,
    attributes: none,
    documentation: '',
    rest: none,
  }),
  [
    textList(1, 'inputs'),
    textList(2, 'outputs'),
    text(3, 'name'),
    text(4, 'opType'),
    messageList(5, 'attributes', () => attributes),
    text(6, 'documentation'),
    text(7, 'domain'),
  ],
);

const flatGraphCodec: Codec<GraphProto> = messageCodec<GraphProto>(
  () => ({
    name: '',
    documentation: '',
    nodes: none,
    initializers: none,
    inputs: none,
    outputs: none,
    valueInfos: none,
    rest: none,
  }),
  [
    messageList(1, 'nodes', () => nodeCodec),
    text(2, 'name'),
    messageList(5, 'initializers', () => tensorCodec),
    text(10, 'documentation'),
    messageList(11, 'inputs', () => valueInfoCodec),
    messageList(12, 'outputs', () => valueInfoCodec),
    messageList(13, 'valueInfos', () => valueInfoCodec),
  ],
);

const graphCodec: Codec<GraphProto> = {
  read: (reader, end) => {
    const graph = reader.nested(() => flatGraphCodec.read(reader, end));
    // Malformed ones are refused here rather than in the midst of a later analysis.
    restAbout(graph, () => true);
    return graph;
  },
  write: (graph) => flatGraphCodec.write(graph),
};

/** ModelProto, by the field numbers of onnx.proto. */
export const modelCodec: Codec<ModelDraft> = messageCodec<ModelDraft>(
  () => ({
    irVersion: 0,
    producerName: '',
    producerVersion: '',
    domain: '',
    modelVersion: 0,
    documentation: '',
    operatorSets: none,
    graph: null,
    metadata: none,
    rest: none,
  }),
  [
    integer(1, 'irVersion'),
    text(2, 'producerName'),
    text(3, 'producerVersion'),
    text(4, 'domain'),
    integer(5, 'modelVersion'),
    text(6, 'documentation'),
    optionalMessage(7, 'graph', () => graphCodec),
    messageList(8, 'operatorSets', () => operatorSetCodec),
    messageList(14, 'metadata', () => stringPairCodec),
  ],
);
