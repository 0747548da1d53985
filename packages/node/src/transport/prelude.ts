import { crc32 } from 'node:zlib';
import { ProtocolError } from '@tandem/core';
import { type Frame, type FrameLimits, tooLong } from '@tandem/runtime';

/**
 * Before each frame, little-endian: 'TNDM', version (1 byte), 3 zero bytes, header length (u32), body length (u64) and the CRC-32 of
 * these 20 bytes, which keeps a damaged length from being waited for, or given memory.
 */
export const preludeBytes = 24;

/** Behind each frame: the CRC-32 of header and body, u32. A sender so works it out while the body is on its way. */
export const checksumBytes = 4;

/** From here on a body sets out before its checksum is known: the peer reads while it is worked out. */
export const largeBytes: number = 2 ** 16;

const magic = 0x4d444e54;
const version = 3;
const checkedBytes = 20;

/** The prelude and the header in one piece; the body follows as it is, then `encodeChecksum`. */
export function encodePrelude(header: Uint8Array, bodyBytes: number): Uint8Array {
  const encoded = new Uint8Array(preludeBytes + header.length);
  const view = viewOf(encoded);
  view.setUint32(0, magic, true);
  view.setUint8(4, version);
  view.setUint32(8, header.length, true);
  view.setBigUint64(12, BigInt(bodyBytes), true);
  view.setUint32(checkedBytes, crc32(encoded.subarray(0, checkedBytes)), true);
  encoded.set(header, preludeBytes);
  return encoded;
}

export function encodeChecksum({ header, body }: Frame): Uint8Array {
  const encoded = new Uint8Array(checksumBytes);
  viewOf(encoded).setUint32(0, crc32On(body, crc32On(header, 0)), true);
  return encoded;
}

export function decodeChecksum(encoded: Uint8Array): number {
  return viewOf(encoded).getUint32(0, true);
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** Goes on from a checksum. Of a buffer that has no memory at all, as some empty ones do, zlib says 0, whatever came before. */
export function crc32On(bytes: Uint8Array, before: number): number {
  return bytes.length === 0 ? before : crc32(bytes, before);
}

/** The lengths. Throws ProtocolError when it is no prelude of this version, was damaged, or announces more than the limits. */
export function decodePrelude(prelude: Uint8Array, limits: FrameLimits): FrameLimits {
  const view = viewOf(prelude);
  if (view.getUint32(0, true) !== magic) throw notAFrame('does not begin with TNDM');
  const start = view.getUint32(4, true);
  if (start !== version) throw notAFrame(`is of version ${start}, expected ${version}`);
  requireChecksum(
    'the lengths of a frame',
    crc32(prelude.subarray(0, checkedBytes)),
    view.getUint32(checkedBytes, true),
  );
  const headerBytes = view.getUint32(8, true);
  if (headerBytes > limits.headerBytes) throw tooLong('header', headerBytes, limits.headerBytes);
  const bodyBytes = view.getBigUint64(12, true);
  if (bodyBytes > BigInt(limits.bodyBytes)) throw tooLong('body', bodyBytes, limits.bodyBytes);
  return { headerBytes, bodyBytes: Number(bodyBytes) };
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
