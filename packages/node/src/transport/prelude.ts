import { crc32 } from 'node:zlib';
import { ProtocolError } from '@tandem/core';
import { type FrameLimits, tooLong } from '@tandem/runtime';

/**
 * Before each frame, little-endian: 'TNDM', version (1 byte), 3 zero bytes, header length (u32), body length (u64), the CRC-32 of these
 * 20 bytes, and that of header and body. The first keeps a damaged length from being waited for, or given memory.
 */
export const preludeBytes = 28;

const magic = 0x4d444e54;
const version = 2;
const checkedBytes = 20;

/** What a prelude says of the frame that follows. */
export interface Prelude extends FrameLimits {
  /** The CRC-32 of header and body, one after the other. */
  readonly checksum: number;
}

/** The prelude and the header in one piece; the body follows as it is. */
export function encodePrelude(header: Uint8Array, body: Uint8Array): Uint8Array {
  const encoded = new Uint8Array(preludeBytes + header.length);
  const view = new DataView(encoded.buffer);
  view.setUint32(0, magic, true);
  view.setUint8(4, version);
  view.setUint32(8, header.length, true);
  view.setBigUint64(12, BigInt(body.length), true);
  view.setUint32(20, crc32(encoded.subarray(0, checkedBytes)), true);
  view.setUint32(24, crc32On(body, crc32On(header, 0)), true);
  encoded.set(header, preludeBytes);
  return encoded;
}

/** Goes on from a checksum. Of a buffer that has no memory at all, as some empty ones do, zlib says 0, whatever came before. */
export function crc32On(bytes: Uint8Array, before: number): number {
  return bytes.length === 0 ? before : crc32(bytes, before);
}

/** Throws ProtocolError when it is no prelude of this version, was damaged, or announces more than the limits. */
export function decodePrelude(prelude: Uint8Array, limits: FrameLimits): Prelude {
  const view = new DataView(prelude.buffer, prelude.byteOffset, preludeBytes);
  if (view.getUint32(0, true) !== magic) throw notAFrame('does not begin with TNDM');
  const start = view.getUint32(4, true);
  if (start !== version) throw notAFrame(`is of version ${start}, expected ${version}`);
  requireChecksum(
    'the lengths of a frame',
    crc32(prelude.subarray(0, checkedBytes)),
    view.getUint32(20, true),
  );
  const headerBytes = view.getUint32(8, true);
  if (headerBytes > limits.headerBytes) throw tooLong('header', headerBytes, limits.headerBytes);
  const bodyBytes = view.getBigUint64(12, true);
  if (bodyBytes > BigInt(limits.bodyBytes)) throw tooLong('body', bodyBytes, limits.bodyBytes);
  return { headerBytes, bodyBytes: Number(bodyBytes), checksum: view.getUint32(24, true) };
}

/** Throws ProtocolError when the bytes are not those that were sent. */
export function requireChecksum(what: string, got: number, expected: number): void {
  if (got === expected) return;
  const [came, sent] = [got, expected].map((checksum) => checksum.toString(16).padStart(8, '0'));
  throw new ProtocolError(
    `${what} came damaged: their checksum is ${came}, expected ${sent}`,
    'Nothing to do where it happens once; check the link, and the memory of both devices, where it comes again.',
  );
}

function notAFrame(what: string): ProtocolError {
  return new ProtocolError(
    `what arrived ${what}`,
    'Check that the peer is a Tandem of the same protocol version.',
  );
}
