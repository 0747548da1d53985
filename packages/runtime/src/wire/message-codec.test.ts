import { bitsPerSecond, bytes, createRandom, ProtocolError, type Random, seconds } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import type { Message } from './message.ts';
import { decodeMessage, encodeMessage } from './message-codec.ts';
import { wireLimits } from './protocol.ts';

const digest = '0123456789abcdef'.repeat(4);
const error = { name: 'ExecutionError', message: 'the segment broke', remedy: 'mend it' };
const request = { version: 1, request: 12 };

/** One of each kind. */
const messages: readonly Message[] = [
  { kind: 'hello', protocol: 1, token: 'secret', role: 'gateway', device: 'pi', session: '', clock: '' },
  {
    kind: 'welcome',
    protocol: 1,
    device: 'pi',
    pid: 42,
    agentVersion: '0.1.0',
    runtime: 'null',
    session: '42.1',
    lossless: ['brotli'],
  },
  { kind: 'refuse', error },
  {
    kind: 'segment-offer',
    manifest: { digest, parts: [{ name: 'model.onnx', sizeBytes: bytes(10), digest }] },
  },
  { kind: 'segment-wanted', digest },
  { kind: 'segment-have', digest },
  { kind: 'segment-chunk', digest, part: 'model.onnx' },
  { kind: 'segment-end', digest },
  { kind: 'segment-refused', digest, error },
  {
    kind: 'deploy',
    deployment: {
      version: 3,
      requestTimeoutSeconds: seconds(60),
      queue: 2,
      tensors: [{ name: 'x', type: 'float32', shape: [1, 3, 224, 224] }],
      stages: [
        {
          stage: 0,
          device: 'pi',
          segment: digest,
          threads: 2,
          optimisation: 'basic',
          paceSeconds: seconds(0.25),
          inputs: ['x'],
          outputs: ['y'],
          share: { period: 3, remainders: [0, 2] },
        },
      ],
      routes: [{ tensor: 'x', from: null, to: 'pi', codec: { kind: 'raw' } }],
      pacedLinks: [],
    },
    peers: [{ device: 'pi', address: '127.0.0.1:9', session: '42.1' }],
    trace: true,
  },
  { kind: 'deployed', version: 3, stages: [{ stage: 0, loadSeconds: seconds(0.5) }] },
  { kind: 'deploy-refused', version: 3, error },
  { kind: 'withdraw', version: 3 },
  { kind: 'withdrawn', version: 3 },
  {
    kind: 'tensor',
    ticket: 11,
    ...request,
    tensor: 'größe/0',
    type: 'float16',
    shape: [],
    codec: { kind: 'affine', bits: 4, perChannel: true },
    rawBecause: null,
    readySeconds: seconds(0.5),
  },
  {
    kind: 'tensor',
    ticket: 11,
    ...request,
    tensor: 'logits',
    type: 'float32',
    shape: [1, 10],
    codec: { kind: 'raw' },
    rawBecause: null,
    readySeconds: seconds(0.5),
    times: {
      stage: 4,
      computeSeconds: seconds(0.1),
      busySeconds: seconds(0.2),
      queueSeconds: seconds(0),
    },
  },
  {
    kind: 'transfer-done',
    ...request,
    tensor: 'x',
    from: 'pi',
    seconds: seconds(0.25),
    bytes: bytes(8),
    codec: { kind: 'raw' },
    rawBecause: 'not finite',
  },
  {
    kind: 'transfer-done',
    ...request,
    tensor: 'x',
    from: 'pi',
    seconds: null,
    bytes: bytes(8),
    codec: { kind: 'fp16' },
    rawBecause: null,
  },
  {
    kind: 'stage-done',
    ...request,
    stage: 4,
    computeSeconds: seconds(0.1),
    busySeconds: seconds(0.2),
    queueSeconds: seconds(0),
  },
  { kind: 'ack', ...request, tensor: 'x', receivedSeconds: null },
  { kind: 'failure', version: null, request: null, error },
  { kind: 'cancel', ...request, ticket: 11 },
  { kind: 'sensed', reading: {} },
  {
    kind: 'sensed',
    reading: { temperatureCelsius: 71.5, limitCelsius: 85, isThrottled: false, batteryShare: 0.4 },
  },
  { kind: 'ping', nonce: 0 },
  { kind: 'pong', nonce: Number.MAX_SAFE_INTEGER },
  { kind: 'goodbye' },
  { kind: 'collect-trace', nonce: 3 },
  {
    kind: 'traced',
    nonce: 3,
    clock: 'of the host',
    nowSeconds: seconds(7),
    events: [
      { kind: 'stage-start', atSeconds: seconds(1), version: 1, stage: 0, device: 'pi', requests: [1, 2] },
      { kind: 'blocked', atSeconds: seconds(1), version: 1, stage: 0, device: 'pi' },
      { kind: 'encode-end', atSeconds: seconds(2), ...request, device: 'pi', tensor: 'x' },
      {
        kind: 'transfer-start',
        atSeconds: seconds(2),
        ...request,
        tensor: 'x',
        from: 'pi',
        to: null,
        bytes: bytes(8),
      },
      { kind: 'tensor-arrived', atSeconds: seconds(2), ...request, tensor: 'x', from: null, to: 'pi' },
    ],
    left: 1,
    dropped: 0,
  },
  { kind: 'describe' },
  {
    kind: 'description',
    description: {
      board: 'a board',
      system: 'Linux',
      threads: 4,
      microarchitecture: { cores: 4, level1Bytes: bytes(32768) },
      caches: [{ level: 1, kind: 'data', sizeBytes: bytes(32768), sharedBy: 1 }],
      sensors: { temperatureCelsius: -3.5, batteryShare: 0.5 },
      matrixRates: [],
      sources: [{ what: 'board', how: 'read', from: 'the firmware' }],
      unknown: [{ what: 'processor', why: 'nobody says' }],
    },
  },
  { kind: 'measure-link', address: '10.0.0.7:7411' },
  {
    kind: 'link-measured',
    link: {
      roundTripSeconds: seconds(0.01),
      perMessageSeconds: seconds(0),
      burstBytes: bytes(1600),
      bitsPerSecond: bitsPerSecond(2e7),
      transferBytes: bytes(3e6),
      transferSeconds: seconds(1.2),
    },
  },
  { kind: 'probe-refused', error },
  { kind: 'filler', nonce: null },
];

const headerOf = (json: string): Uint8Array =>
  Uint8Array.from([0x54, 0x4e, 0x44, 0x4d, 1, ...new TextEncoder().encode(json)]);

describe('the header of a frame', () => {
  it.each(messages)('holds $kind', (message) => {
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
  });

  it('cuts the texts of errors to what a peer accepts', () => {
    const long = { name: 'n'.repeat(99), message: 'm'.repeat(99_999), remedy: 'r'.repeat(99_999) };
    const decoded = decodeMessage(encodeMessage({ kind: 'refuse', error: long }));
    const cut = decoded.kind === 'refuse' ? decoded.error : error;
    expect([cut.name.length, cut.message.length, cut.remedy.length]).toEqual([64, 4096, 4096]);
  });

  it('is not written when a peer would not accept it', () => {
    const devices = Array.from({ length: 4000 }, (_, at) => `${at}`.padStart(1024, 'd'));
    const peers = devices.map((device) => ({ device, address: device, session: '' }));
    const deploy = messages.find(({ kind }) => kind === 'deploy');
    const large = deploy?.kind === 'deploy' ? { ...deploy, peers } : { kind: 'goodbye' as const };
    expect(() => encodeMessage(large)).toThrow('expected at most 4194304');
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['another magic', Uint8Array.from([0x54, 0x4e, 0x44, 0x00, 1, 0x7b, 0x7d])],
    ['another version', Uint8Array.from([0x54, 0x4e, 0x44, 0x4d, 2, 0x7b, 0x7d])],
    ['no JSON', headerOf('{"kind"')],
    ['broken UTF-8', Uint8Array.from([0x54, 0x4e, 0x44, 0x4d, 1, 0x22, 0xff, 0x22])],
    ['no object', headerOf('[1]')],
    ['no kind', headerOf('{}')],
    ['an unknown kind', headerOf('{"kind":"exec","command":"reboot"}')],
    ['an inherited kind', headerOf('{"kind":"constructor"}')],
    ['a field too many', headerOf('{"kind":"ping","nonce":1,"more":1}')],
    ['a prototype', headerOf('{"kind":"ping","nonce":1,"__proto__":{"a":1}}')],
    ['a field too few', headerOf('{"kind":"ping"}')],
    ['a fraction', headerOf('{"kind":"ping","nonce":1.5}')],
    ['a negative number', headerOf('{"kind":"ping","nonce":-1}')],
    ['a number beyond the safe ones', headerOf('{"kind":"ping","nonce":9007199254740993}')],
    ['an infinite number', headerOf('{"kind":"ping","nonce":1e999}')],
    ['a temperature of the sun', headerOf('{"kind":"sensed","reading":{"temperatureCelsius":5772}}')],
    ['more battery than there is', headerOf('{"kind":"sensed","reading":{"batteryShare":1.5}}')],
    ['a sensor that nobody knows', headerOf('{"kind":"sensed","reading":{"humidity":0.5}}')],
    ['a long token', headerOf(JSON.stringify({ ...messages[0], token: 't'.repeat(257) }))],
    ['a digest that is a path', headerOf('{"kind":"segment-end","digest":"../../etc/passwd"}')],
    ['too high a rank', headerOf(JSON.stringify({ ...messages[14], shape: Array(17).fill(1) }))],
    ['a negative extent', headerOf(JSON.stringify({ ...messages[14], shape: [-1] }))],
    ['another codec', headerOf(JSON.stringify({ ...messages[14], codec: 'pickle' }))],
    ['deep nesting', headerOf(`{"kind":${'['.repeat(1_000_000)}`)],
    ['more than a header may hold', headerOf(' '.repeat(wireLimits.headerBytes))],
  ])('refuses %s', (_name, header) => {
    expect(() => decodeMessage(header)).toThrow(ProtocolError);
  });

  it('gives a message or a ProtocolError for 10,000 mutated headers', () => {
    const random = createRandom(11);
    const outcomes = { messages: 0, refused: 0 };
    for (let round = 0; round < 10_000; round++) {
      const header = mutate(encodeMessage(messages[round % messages.length] ?? { kind: 'goodbye' }), random);
      try {
        decodeMessage(header);
        outcomes.messages++;
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        outcomes.refused++;
      }
    }
    expect(outcomes.messages).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(5000);
  });
});

/** One to four bytes changed, a piece cut out, or a piece doubled. */
function mutate(header: Uint8Array, random: Random): Uint8Array {
  const from = random.integer(header.length);
  const to = from + random.integer(header.length - from);
  switch (random.integer(4)) {
    case 0:
      return Uint8Array.from([...header.subarray(0, from), ...header.subarray(to)]);
    case 1:
      return Uint8Array.from([...header.subarray(0, to), ...header.subarray(from)]);
    default: {
      const changed = header.slice();
      for (let times = 0; times <= random.integer(4); times++) {
        changed[random.integer(changed.length)] =
          random.integer(2) === 0 ? random.integer(256) : 0x30 + random.integer(10);
      }
      return changed;
    }
  }
}
