import type { ByteRange } from './model.ts';
import { append, type Codec, expectSpan, type Field, type Slot } from './schema.ts';
import { type FieldKey, type WireReader, wireTypes } from './wire-reader.ts';

/** A string that is written unless it is empty; one that was written empty is kept in `rest`. Must be UTF-8. */
export function text<Key extends string>(number: number, name: Key): Field<Slot<Key, string>> {
  return {
    number,
    read: (into, key, reader, end) => {
      into[name] = readText(key, reader, end);
      return into[name] !== '';
    },
    write: (from, to) => {
      if (from[name] !== '') to.text(number, from[name]);
    },
  };
}

/** A string that may be absent. Bytes that are not UTF-8 are kept in `rest`. */
export function optionalText<Key extends string>(number: number, name: Key): Field<Slot<Key, string | null>> {
  return {
    number,
    read: (into, key, reader, end) => {
      reader.expect(key, wireTypes.bytes);
      into[name] = reader.text(end);
      return into[name] !== null;
    },
    write: (from, to) => {
      const value = from[name];
      if (value !== null) to.text(number, value);
    },
  };
}

/** Strings, empty ones included. Items that are not UTF-8 are refused, or kept in `rest` where the field is of raw bytes. */
export function textList<Key extends string>(
  number: number,
  name: Key,
  otherBytes: 'refuse' | 'keep' = 'refuse',
): Field<Slot<Key, readonly string[]>> {
  return {
    number,
    read: (into, key, reader, end) => {
      reader.expect(key, wireTypes.bytes);
      reader.countItem();
      const value = otherBytes === 'refuse' ? readText(key, reader, end) : reader.text(end);
      if (value !== null) append(into, name, value);
      return value !== null;
    },
    write: (from, to) => {
      for (const value of from[name]) to.text(number, value);
    },
  };
}

/** An integer that is written unless it is 0. A written 0, and one beyond the safe range, is kept in `rest`. */
export function integer<Key extends string>(number: number, name: Key): Field<Slot<Key, number>> {
  return {
    number,
    read: (into, key, reader, end) => {
      reader.expect(key, wireTypes.varint);
      into[name] = reader.integer(end) ?? 0;
      return into[name] !== 0;
    },
    write: (from, to) => {
      if (from[name] !== 0) to.varint(number, from[name]);
    },
  };
}

/** An int64 that may be absent. */
export function optionalInteger<Key extends string>(
  number: number,
  name: Key,
): Field<Slot<Key, bigint | null>> {
  return {
    number,
    read: (into, key, reader, end) => {
      reader.expect(key, wireTypes.varint);
      into[name] = reader.bigint(end);
      return true;
    },
    write: (from, to) => {
      const value = from[name];
      if (value !== null) to.varint(number, value);
    },
  };
}

/** int64 elements; read packed or not, written one by one as onnx.proto (proto2) declares them. */
export function integerList<Key extends string>(
  number: number,
  name: Key,
): Field<Slot<Key, readonly bigint[]>> {
  return {
    number,
    read: (into, key, reader, end) => {
      forEachElement(key, reader, end, wireTypes.varint, (limit) => append(into, name, reader.bigint(limit)));
      return true;
    },
    write: (from, to) => {
      for (const value of from[name]) to.varint(number, value);
    },
  };
}

/** A float32 that may be absent. */
export function optionalFloat<Key extends string>(
  number: number,
  name: Key,
): Field<Slot<Key, number | null>> {
  return {
    number,
    read: (into, key, reader, end) => {
      reader.expect(key, wireTypes.fixed32);
      into[name] = reader.float32(end);
      return true;
    },
    write: (from, to) => {
      const value = from[name];
      if (value !== null) to.float32(number, value);
    },
  };
}

/** float32 elements; read packed or not, written one by one. */
export function floatList<Key extends string>(
  number: number,
  name: Key,
): Field<Slot<Key, readonly number[]>> {
  return {
    number,
    read: (into, key, reader, end) => {
      forEachElement(key, reader, end, wireTypes.fixed32, (limit) =>
        append(into, name, reader.float32(limit)),
      );
      return true;
    },
    write: (from, to) => {
      for (const value of from[name]) to.float32(number, value);
    },
  };
}

/** Bytes by reference. */
export function optionalRange<Key extends string>(
  number: number,
  name: Key,
): Field<Slot<Key, ByteRange | null>> {
  return {
    number,
    read: (into, key, reader, end) => {
      if (into[name]) reader.fail(`has field ${number} twice`, key.start);
      const span = expectSpan(key, reader, end);
      reader.skipTo(span.end);
      into[name] = reader.range(span.start, span.end);
      return true;
    },
    write: (from, to) => {
      const value = from[name];
      if (value) to.range(number, value);
    },
  };
}

/** A message that may be absent; twice is refused, since decoders disagree on what it means. */
export function optionalMessage<Key extends string, Message>(
  number: number,
  name: Key,
  codec: () => Codec<Message>,
): Field<Slot<Key, Message | null>> {
  return {
    number,
    read: (into, key, reader, end) => {
      if (into[name] !== null) reader.fail(`has field ${number} twice`, key.start);
      into[name] = codec().read(reader, expectSpan(key, reader, end).end);
      return true;
    },
    write: (from, to) => {
      const value = from[name];
      if (value !== null) to.message(number, codec().write(value));
    },
  };
}

export function messageList<Key extends string, Message>(
  number: number,
  name: Key,
  codec: () => Codec<Message>,
): Field<Slot<Key, readonly Message[]>> {
  return {
    number,
    read: (into, key, reader, end) => {
      append(into, name, codec().read(reader, expectSpan(key, reader, end).end));
      return true;
    },
    write: (from, to) => {
      for (const message of from[name]) to.message(number, codec().write(message));
    },
  };
}

function readText(key: FieldKey, reader: WireReader, end: number): string {
  reader.expect(key, wireTypes.bytes);
  const value = reader.text(end);
  return value ?? reader.fail(`has text in field ${key.number} that is not UTF-8`, key.start);
}

/** Calls `read` once an element: of one that stands alone, or of all that are packed in a length-delimited field. */
function forEachElement(
  key: FieldKey,
  reader: WireReader,
  end: number,
  alone: typeof wireTypes.varint | typeof wireTypes.fixed32,
  read: (limit: number) => void,
): void {
  const packed = key.wireType === wireTypes.bytes;
  if (!packed) reader.expect(key, alone);
  const limit = packed ? reader.span(end).end : end;
  do {
    if (packed && reader.position >= limit) return;
    reader.countItem();
    read(limit);
  } while (packed);
}
