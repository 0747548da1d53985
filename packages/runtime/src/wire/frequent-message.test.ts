import { type ElementType, elementTypeCodes } from '@tandem/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { frequentMessage } from './frequent-message.ts';
import { messageSchema } from './message-schema.ts';
import { wireLimits } from './protocol.ts';

const whole = fc.maxSafeNat();
const version = fc.integer({ min: 1, max: 2 ** 31 });
const name = fc.string({ minLength: 1, maxLength: 20 });
const duration = fc.double({ min: 0, max: wireLimits.seconds, noNaN: true });
const codec = fc.oneof(
  fc.constant({ kind: 'raw' }),
  fc.record({
    kind: fc.constant('affine'),
    bits: fc.integer({ min: 2, max: 8 }),
    perChannel: fc.boolean(),
  }),
);
const types = Object.keys(elementTypeCodes) as ElementType[];
const request = { version, request: whole };
const coded = { codec, rawBecause: fc.constant(null) };
const stageTimes = { stage: whole, computeSeconds: duration, busySeconds: duration, queueSeconds: duration };
const tensor = {
  kind: fc.constant('tensor'),
  ...request,
  ticket: whole,
  tensor: name,
  type: fc.constantFrom(...types),
  shape: fc.array(whole, { maxLength: wireLimits.rank }),
  ...coded,
  readySeconds: duration,
};

/** Each kind, in the forms that a request without incidents takes. */
const plain = fc.oneof(
  fc.record(tensor),
  fc.record({ ...tensor, times: fc.record(stageTimes) }),
  fc.record({
    kind: fc.constant('transfer-done'),
    ...request,
    tensor: name,
    from: name,
    seconds: duration,
    bytes: fc.integer({ min: 0, max: wireLimits.segmentBytes }),
    ...coded,
  }),
  fc.record({ kind: fc.constant('stage-done'), ...request, ...stageTimes }),
  fc.record({ kind: fc.constant('ack'), ...request, tensor: name, receivedSeconds: duration }),
);

it('gives what the schema gives', () => {
  fc.assert(
    fc.property(plain, (message) => {
      expect(frequentMessage(message)).toEqual(messageSchema.parse(message));
    }),
    { seed: 3, numRuns: 500 },
  );
});

/** What a peer may put in the place of anything. */
const odd = fc.oneof(
  fc.constantFrom(
    null,
    -1,
    0.5,
    2 ** 31 + 1,
    2 ** 53,
    10 * wireLimits.seconds,
    Number.POSITIVE_INFINITY,
    '',
    'x'.repeat(wireLimits.nameCharacters + 1),
    'constructor',
    'not finite',
    [-1],
    Array.from({ length: wireLimits.rank + 1 }, () => 1),
    { kind: 'fp16' },
    { kind: 'raw', lossless: 'brotli' },
    { kind: 'raw', more: 1 },
    { kind: 'affine', bits: 9, perChannel: true },
    { kind: 'affine', bits: 8, perChannel: 1 },
  ),
  fc.jsonValue(),
);

it('gives nothing that the schema refuses or reads otherwise', () => {
  const mutated = plain.chain((message) =>
    fc.record({
      message: fc.constant(message),
      field: fc.constantFrom(...Object.keys(message), 'more'),
      value: fc.option(odd, { nil: undefined }),
    }),
  );
  const seen = { taken: 0, left: 0 };
  fc.assert(
    fc.property(mutated, ({ message, field, value }) => {
      const given: unknown = JSON.parse(JSON.stringify({ ...message, [field]: value }));
      const read = frequentMessage(given);
      if (read === null) seen.left++;
      else {
        seen.taken++;
        expect(messageSchema.safeParse(given)).toEqual({ success: true, data: read });
      }
    }),
    { seed: 4, numRuns: 5000 },
  );
  expect(Math.min(seen.taken, seen.left)).toBeGreaterThan(50);
});
