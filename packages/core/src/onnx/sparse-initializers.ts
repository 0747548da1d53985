import { bufferSource, readRange } from './byte-source.ts';
import type { ByteRange, GraphProto, TensorProto } from './model.ts';
import { fieldNumber, messageCodec, type Open } from './schema.ts';
import { optionalMessage, text } from './schema-fields.ts';
import { tensorCodec } from './tensor-codec.ts';
import { WireReader } from './wire-reader.ts';

/** Fields of GraphProto that `rest` keeps and that name tensors. */
const sparseInitializerField = 15;
const quantizationAnnotationField = 14;

/** A kept field and the tensor that it is about. */
export interface NamedField {
  readonly name: string;
  readonly field: ByteRange;
}

interface Sparse extends Open {
  values: TensorProto | null;
}

interface Annotation extends Open {
  name: string;
}

const sparseCodec = messageCodec<{ inner: Sparse | null } & Open>(
  () => ({ inner: null }),
  [
    optionalMessage(sparseInitializerField, 'inner', () =>
      messageCodec<Sparse>(() => ({ values: null }), [optionalMessage(1, 'values', () => tensorCodec)]),
    ),
  ],
);

const annotationCodec = messageCodec<{ inner: Annotation | null } & Open>(
  () => ({ inner: null }),
  [
    optionalMessage(quantizationAnnotationField, 'inner', () =>
      messageCodec<Annotation>(() => ({ name: '' }), [text(1, 'name')]),
    ),
  ],
);

/** The sparse initializers of a graph, each named by its values. */
export function sparseInitializers(graph: GraphProto): readonly NamedField[] {
  return graph.rest
    .filter((field) => fieldNumber(field) === sparseInitializerField)
    .map((field) => ({ field, name: sparseCodec.read(...opened(field)).inner?.values?.name ?? '' }));
}

/** A graph's kept fields without those about tensors that `keeps` drops. */
export function restAbout(graph: GraphProto, keeps: (tensor: string) => boolean): readonly ByteRange[] {
  return graph.rest.filter((field) => {
    const number = fieldNumber(field);
    if (number === sparseInitializerField)
      return keeps(sparseCodec.read(...opened(field)).inner?.values?.name ?? '');
    if (number !== quantizationAnnotationField) return true;
    return keeps(annotationCodec.read(...opened(field)).inner?.name ?? '');
  });
}

function opened(field: ByteRange): [WireReader, number] {
  return [new WireReader(bufferSource(readRange(field))), field.length];
}
