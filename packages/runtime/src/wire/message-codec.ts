import { type ErrorRecord, InvalidInputError, ProtocolError } from '@tandem/core';
import type { z } from 'zod';
import { frequentMessage } from './frequent-message.ts';
import type { Message } from './message.ts';
import { messageSchema } from './message-schema.ts';
import { protocolVersion, wireLimits } from './protocol.ts';

/** A header: the magic 'TNDM', one byte for the protocol version, then the message as JSON in UTF-8. */
const magic = [0x54, 0x4e, 0x44, 0x4d];
const preludeBytes = magic.length + 1;

const utf8 = new TextEncoder();
const utf8Reader = new TextDecoder('utf-8', { fatal: true });

/** Throws InvalidInputError when the message is larger than a header may be. */
export function encodeMessage(message: Message): Uint8Array {
  const json = utf8.encode(JSON.stringify(bounded(message)));
  const header = new Uint8Array(preludeBytes + json.length);
  if (header.length > wireLimits.headerBytes) throw tooLarge(message, header.length);
  header.set(magic);
  header[magic.length] = protocolVersion;
  header.set(json, preludeBytes);
  return header;
}

/** Throws ProtocolError on anything that `encodeMessage` does not write. */
export function decodeMessage(header: Uint8Array): Message {
  checkPrelude(header);
  const json = parseJson(header.subarray(preludeBytes));
  const frequent = frequentMessage(json);
  if (frequent !== null) return frequent;
  const parsed = messageSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw garbled(describeIssue(parsed.error), 'a message of this protocol');
}

function checkPrelude(header: Uint8Array): void {
  if (header.length > wireLimits.headerBytes) {
    throw garbled(`a header of ${header.length} bytes`, `at most ${wireLimits.headerBytes}`);
  }
  if (header.length < preludeBytes || magic.some((byte, at) => header[at] !== byte)) {
    throw garbled('a header that does not begin with TNDM', 'one that does');
  }
  const version = header[magic.length];
  if (version !== protocolVersion) {
    throw new ProtocolError(
      `the peer speaks version ${version} of the protocol, expected version ${protocolVersion}`,
      'Run the same version of Tandem on every device.',
    );
  }
}

function parseJson(json: Uint8Array): unknown {
  try {
    return JSON.parse(utf8Reader.decode(json));
  } catch (cause) {
    throw garbled('a header that is not JSON', 'JSON in UTF-8', cause);
  }
}

/** The first fault only: a hostile header can have any number. */
function describeIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'an unknown message';
  return clip(`a message that is wrong at '${issue.path.join('.')}' (${issue.message})`, 300);
}

/** Texts of errors are for people and can be cut; everything else is sent whole. */
function bounded(message: Message): Message {
  return 'error' in message ? { ...message, error: clippedRecord(message.error) } : message;
}

function clippedRecord({ name, message, remedy }: ErrorRecord): ErrorRecord {
  const { textCharacters } = wireLimits;
  return {
    name: clip(name, 64),
    message: clip(message, textCharacters),
    remedy: clip(remedy, textCharacters),
  };
}

const clip = (text: string, characters: number): string =>
  text.length <= characters ? text : `${text.slice(0, characters - 1)}…`;

function tooLarge(message: Message, size: number): InvalidInputError {
  return new InvalidInputError(
    `a '${message.kind}' message takes ${size} bytes, expected at most ${wireLimits.headerBytes}`,
    'Use a plan with fewer stages or tensors with shorter names.',
  );
}

function garbled(got: string, expected: string, cause?: unknown): ProtocolError {
  return new ProtocolError(
    `received ${got}, expected ${expected}`,
    'Check that the peer is a Tandem agent or gateway of the same version.',
    { cause },
  );
}
