import { crc32 } from 'node:zlib';

/** 'TNDM', version 3, the two lengths and their checksum. */
export function prelude(headerBytes: number, bodyBytes: bigint): Buffer {
  const encoded = Buffer.alloc(24);
  encoded.write('TNDM');
  encoded.writeUInt8(3, 4);
  encoded.writeUInt32LE(headerBytes, 8);
  encoded.writeBigUInt64LE(bodyBytes, 12);
  encoded.writeUInt32LE(crc32(encoded.subarray(0, 20)), 20);
  return encoded;
}

/** A frame whose checksum is that of `sent`. */
export function frameOf(header: string, body: string, sent: string = header + body): Buffer {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(sent));
  return Buffer.concat([prelude(header.length, BigInt(body.length)), Buffer.from(header + body), checksum]);
}
