import { readRange, subRange } from './byte-source.ts';
import type { ByteRange } from './model.ts';
import { type FieldKey, WireReader, wireTypes } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** Reads a message from the reader's position to `end`; writes its content without key and length. */
export interface Codec<Message> {
  read(reader: WireReader, end: number): Message;
  write(message: Message): WireWriter;
}

/** One field of a message. One definition reads and writes it, so that the two cannot drift apart. */
export interface Field<Message> {
  readonly number: number;
  /** Takes the field's content. False: the message cannot say it, keep the field as it stands in `rest`. */
  read(into: Message, key: FieldKey, reader: WireReader, end: number): boolean;
  write(from: Message, to: WireWriter): void;
}

/** A message whose unknown fields are kept in wire form. */
export interface Open {
  rest?: readonly ByteRange[];
}

/** An object that has `Value` under `Key`. */
export type Slot<Key extends string, Value> = { [Name in Key]: Value };

/** The empty list that all messages share until they hold something. */
export const none: readonly never[] = Object.freeze([]);

/**
 * The codec of a message given by its fields in ascending order (the order in which canonical encoders write). Fields that the
 * table does not name go to `rest` and are written back at their place.
 */
export function messageCodec<Message extends Open>(
  empty: () => Message,
  fields: readonly Field<Message>[],
): Codec<Message> {
  const byNumber = new Map(fields.map((field) => [field.number, field]));
  return {
    read: (reader, end) => readMessage(empty(), byNumber, reader, end),
    write: (message) => writeMessage(message, fields),
  };
}

function readMessage<Message extends Open>(
  message: Message,
  fields: ReadonlyMap<number, Field<Message>>,
  reader: WireReader,
  end: number,
): Message {
  reader.countMessage();
  const rest: ByteRange[] = [];
  while (reader.position < end) {
    const key = reader.key(end);
    const field = fields.get(key.number);
    if (!field) reader.skip(key.wireType, end);
    if (!field?.read(message, key, reader, end)) rest.push(reader.range(key.start, reader.position));
  }
  const open: Open = message;
  if (rest.length > 0) open.rest = rest;
  return freeze(message);
}

function freeze<Message extends object>(message: Message): Message {
  for (const value of Object.values(message)) if (Array.isArray(value)) Object.freeze(value);
  return Object.freeze(message);
}

function writeMessage<Message extends Open>(message: Message, fields: readonly Field<Message>[]): WireWriter {
  const writer = new WireWriter();
  const rest = sortedRest(message.rest ?? none);
  let next = 0;
  for (const field of fields) {
    for (let kept = rest[next]; kept && kept.number <= field.number; kept = rest[++next])
      writer.encoded(kept.range);
    field.write(message, writer);
  }
  for (const kept of rest.slice(next)) writer.encoded(kept.range);
  return writer;
}

/** A kept field and its number. */
interface KeptField {
  readonly number: number;
  readonly range: ByteRange;
}

/** The kept fields in ascending order of their numbers, equal numbers as they stood. */
function sortedRest(rest: readonly ByteRange[]): KeptField[] {
  const fields = rest.map((range) => ({ number: fieldNumber(range), range }));
  return fields.sort((left, right) => left.number - right.number);
}

/** The number of a field in wire form. */
export function fieldNumber(field: ByteRange): number {
  const head = readRange(subRange(field, 0, Math.min(field.length, 10)));
  return new WireReader({ size: head.length, read: () => head }).key(head.length).number;
}

/** Adds to a list that starts out as the shared empty one. */
export function append<Key extends string, Value>(
  into: Slot<Key, readonly Value[]>,
  key: Key,
  value: Value,
): void {
  const list = into[key];
  if (list.length === 0) into[key] = [value];
  else (list as Value[]).push(value);
}

/** The span of a field that must be length-delimited. */
export function expectSpan(key: FieldKey, reader: WireReader, end: number): { start: number; end: number } {
  reader.expect(key, wireTypes.bytes);
  return reader.span(end);
}
