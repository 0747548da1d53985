import type { ByteRange, GraphProto } from './model.ts';
import { fieldNumber, messageCodec, type Open } from './schema.ts';
import { optionalMessage, text } from './schema-fields.ts';
import { WireReader } from './wire-reader.ts';

/** Fields of GraphProto that `rest` keeps and that are about one tensor. */
const sparseInitializerField = 15;
const quantizationAnnotationField = 14;

interface Named extends Open {
  name: string;
}

interface About extends Open {
  sparse: (Open & { values: Named | null }) | null;
  annotation: Named | null;
}

const valuesCodec = messageCodec<Named>(() => ({ name: '' }), [text(8, 'name')]);
const annotationCodec = messageCodec<Named>(() => ({ name: '' }), [text(1, 'name')]);
const sparseCodec = messageCodec<Open & { values: Named | null }>(
  () => ({ values: null }),
  [optionalMessage(1, 'values', () => valuesCodec)],
);
const aboutCodec = messageCodec<About>(
  () => ({ sparse: null, annotation: null }),
  [
    optionalMessage(quantizationAnnotationField, 'annotation', () => annotationCodec),
    optionalMessage(sparseInitializerField, 'sparse', () => sparseCodec),
  ],
);

/** The names of a graph's sparse initializers, which are those of their values. */
export function sparseInitializerNames(graph: GraphProto): readonly string[] {
  return graph.rest
    .filter((field) => fieldNumber(field) === sparseInitializerField)
    .map((field) => tensorOf(field) ?? '');
}

/** A graph's kept fields without those about tensors that `keeps` drops. */
export function restAbout(graph: GraphProto, keeps: (tensor: string) => boolean): readonly ByteRange[] {
  return graph.rest.filter((field) => {
    const tensor = tensorOf(field);
    return tensor === null || keeps(tensor);
  });
}

/** The tensor that a kept field is about; null where it is about none. Throws InvalidInputError where the field is malformed. */
function tensorOf({ source, offset, length }: ByteRange): string | null {
  const end = offset + length;
  const reader = new WireReader({ size: end, read: (from, count) => source.read(from, count) }, offset);
  const { sparse, annotation } = aboutCodec.read(reader, end);
  return sparse ? (sparse.values?.name ?? '') : (annotation?.name ?? null);
}
