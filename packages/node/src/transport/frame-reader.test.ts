import type { Frame } from '@tandem/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader } from './frame-reader.ts';
import { encodeChecksum, encodePrelude } from './prelude.ts';

const limits = { headerBytes: 50, bodyBytes: 200 };

const bytesUpTo = (maxLength: number) => fc.uint8Array({ maxLength }).map((bytes) => new Uint8Array(bytes));

const frames = fc.array(
  fc.record({ header: bytesUpTo(limits.headerBytes), body: bytesUpTo(limits.bodyBytes) }),
  { maxLength: 5 },
);

function streamOf(sent: readonly Frame[]): Uint8Array {
  return Buffer.concat(
    sent.flatMap((frame) => [
      encodePrelude(frame.header, frame.body.length),
      frame.body,
      encodeChecksum(frame),
    ]),
  );
}

function readInPieces(stream: Uint8Array, sizes: readonly number[]) {
  const received: Frame[] = [];
  const reader = new FrameReader(limits, ({ header, body, receivedSeconds }) => {
    expect(receivedSeconds).toBeGreaterThanOrEqual(0);
    received.push({ header, body });
  });
  for (let offset = 0, turn = 0; offset < stream.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    reader.read(stream.subarray(offset, offset + size));
    offset += size;
  }
  return { received, between: reader.isBetweenFrames };
}

/** As `readInPieces`, but into the reader's own room, of which each turn fills at most so many bytes. */
function readInRoom(stream: Uint8Array, sizes: readonly number[]) {
  const received: Frame[] = [];
  const reader = new FrameReader(limits, ({ header, body }) => received.push({ header, body }));
  for (let offset = 0, turn = 0; offset < stream.length; turn++) {
    const { room } = reader;
    const count = Math.min(sizes[turn % sizes.length] ?? 1, room.length, stream.length - offset);
    room.set(stream.subarray(offset, offset + count));
    reader.filled(count);
    offset += count;
  }
  return { received, between: reader.isBetweenFrames };
}

describe('FrameReader', () => {
  it('reads what was sent however it is cut into pieces', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(frames, pieces, (sent, sizes) => {
        expect(readInPieces(streamOf(sent), sizes)).toEqual({ received: sent, between: true });
        expect(readInRoom(streamOf(sent), sizes)).toEqual({ received: sent, between: true });
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('has what is left of a body put into the body itself', () => {
    const own = new Uint8Array(200);
    const received: Frame[] = [];
    const reader = new FrameReader(limits, (frame) => received.push(frame), { take: () => own });
    const stream = streamOf([{ header: Uint8Array.of(1), body: new Uint8Array(200).fill(7) }]);
    const behind = stream.length - 150;
    reader.room.set(stream.subarray(0, behind));
    reader.filled(behind);
    expect(reader.room.buffer).toBe(own.buffer);
    expect(reader.room).toHaveLength(146);
    reader.room.set(stream.subarray(behind, behind + 146));
    reader.filled(146);
    expect(reader.room.buffer).not.toBe(own.buffer);
    reader.read(stream.subarray(behind + 146));
    expect(received[0]?.body.buffer).toBe(own.buffer);
    expect(own).toEqual(new Uint8Array(200).fill(7));
  });

  it('reads a frame whose empty body has no memory behind it', () => {
    const body = new Uint8Array(new Float32Array(0).buffer);
    const stream = streamOf([{ header: Uint8Array.of(1, 2, 3), body }]);
    expect(readInPieces(stream, [64]).received).toMatchObject([{ body: { length: 0 } }]);
  });

  it('knows that a frame is not over', () => {
    const stream = streamOf([{ header: Uint8Array.of(1, 2), body: Uint8Array.of(3, 4) }]);
    for (let length = 1; length < stream.length; length++)
      expect(readInPieces(stream.subarray(0, length), [7])).toEqual({ received: [], between: false });
  });

  it('takes no frame of which a bit is not as it was sent', () => {
    const body = Uint8Array.from({ length: 200 }, (_, at) => (37 * at) % 256);
    const stream = streamOf([{ header: Uint8Array.of(1, 2, 3), body }]);
    for (let bit = 0; bit < 8 * stream.length; bit++) {
      const damaged = new Uint8Array(stream);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => readInPieces(damaged, [64])).toThrow(/damaged|TNDM|version/);
      expect(() => readInRoom(damaged, [64])).toThrow(/damaged|TNDM|version/);
    }
  });

  it('answers any bytes with frames or a ProtocolError, and never allocates past the limits', () => {
    const mutation = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(frames, fc.array(mutation, { maxLength: 4 }), (sent, mutations) => {
        const stream = new Uint8Array(streamOf(sent));
        for (const { at, value } of mutations) if (stream.length > 0) stream[at % stream.length] = value;
        try {
          for (const { header, body } of readInPieces(stream, [64]).received)
            expect(header.length <= limits.headerBytes && body.length <= limits.bodyBytes).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ name: 'ProtocolError' });
        }
      }),
      { seed: 8, numRuns: 1000 },
    );
  });
});
