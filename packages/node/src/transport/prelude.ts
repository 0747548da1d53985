import { ProtocolError } from '@tandem/core';
import { type FrameLimits, tooLong } from '@tandem/runtime';

/** Before each frame: 'TNDM', version (1 byte), 3 zero bytes, header length (u32), body length (u64), little-endian. */
export const preludeBytes = 20;

const magic = 0x4d444e54;
const version = 1;

/** The prelude and the header in one piece; the body follows as it is. */
export function encodePrelude(header: Uint8Array, bodyLength: number): Uint8Array {
  const encoded = new Uint8Array(preludeBytes + header.length);
  const view = new DataView(encoded.buffer);
  view.setUint32(0, magic, true);
  view.setUint8(4, version);
  view.setUint32(8, header.length, true);
  view.setBigUint64(12, BigInt(bodyLength), true);
  encoded.set(header, preludeBytes);
  return encoded;
}

/** The lengths that follow; throws ProtocolError when it is no prelude of this version or announces more than the limits. */
export function decodePrelude(prelude: Uint8Array, limits: FrameLimits): FrameLimits {
  const view = new DataView(prelude.buffer, prelude.byteOffset, preludeBytes);
  if (view.getUint32(0, true) !== magic) throw notAFrame('does not begin with TNDM');
  const start = view.getUint32(4, true);
  if (start !== version) throw notAFrame(`is of version ${start}, expected ${version}`);
  const headerBytes = view.getUint32(8, true);
  if (headerBytes > limits.headerBytes) throw tooLong('header', headerBytes, limits.headerBytes);
  const bodyBytes = view.getBigUint64(12, true);
  if (bodyBytes > BigInt(limits.bodyBytes)) throw tooLong('body', bodyBytes, limits.bodyBytes);
  return { headerBytes, bodyBytes: Number(bodyBytes) };
}

function notAFrame(what: string): ProtocolError {
  return new ProtocolError(
    `what arrived ${what}`,
    'Check that the peer is a Tandem of the same protocol version.',
  );
}
