import { CancelledError } from '@tandem/core';
import {
  type ConformanceCase,
  elapse,
  neverAborted,
  patternBytes,
  requireEqual,
  requireRejection,
  requireThat,
  sameBytes,
} from '../conformance.ts';
import type { Connection, Frame, FrameLimits, Listener, Transport } from './transport.ts';

/** What the suite needs to know of a transport. */
export interface TransportSetup {
  readonly transport: Transport;
  /** To listen at; each listener gets an address of its own. */
  readonly address: string;
  /** Where nobody listens. */
  readonly deadAddress: string;
}

/** The two ends of one connection. */
interface Ends {
  readonly near: Connection;
  readonly far: Connection;
  readonly listener: Listener;
  readonly transport: Transport;
}

const limits: FrameLimits = { headerBytes: 1024, bodyBytes: 2 ** 24 };
const signal = neverAborted();

/** What Transport, Listener and Connection promise. Each case opens its own connection and closes it. */
export function transportConformance(setup: TransportSetup): readonly ConformanceCase[] {
  const between = (name: string, body: (ends: Ends) => Promise<void>): ConformanceCase => ({
    name,
    run: () => withEnds(setup, body),
  });
  return [
    between('keeps the order of many small frames', keepsOrder),
    between('carries an empty header and an empty body', carriesNothing),
    between('carries a body of 8 MB', carriesMuch),
    between('carries frames both ways at once', carriesBothWays),
    between('keeps concurrent sends whole and in order', keepsConcurrentSends),
    between('gives the receiver bytes of its own', givesOwnBytes),
    between('hands frames to waiting receivers in order', servesReceiversInOrder),
    between('makes a sender wait for a receiver that does not read', holdsSenderBack),
    between('delivers what was sent before an orderly close, then null', deliversBeforeClose),
    between('ends pending receives at both ends with null on close', endsReceivesOnClose),
    between('closes twice, and from both sides at once', closesTwice),
    between('refuses to send after close', refusesAfterClose),
    between('tells a sender that the peer has closed', tellsSenderOfClose),
    between('breaks pending receives at both ends on abort', breaksOnAbort),
    between('breaks a waiting send on abort', breaksSendOnAbort),
    between('leaves a receive when its signal is aborted', leavesReceive),
    between('leaves a send that has not begun when its signal is aborted', leavesSend),
    between('refuses a header over the limit', (ends) => refusesOversize(ends, { header: 1025, body: 0 })),
    between('refuses a body over the limit', (ends) =>
      refusesOversize(ends, { header: 1, body: 2 ** 24 + 1 }),
    ),
    between('takes more once it is allowed, and less once it is not', movesLimits),
    between('closes accepted connections with the listener', closesWithListener),
    { name: 'fails to dial where nobody listens', run: () => failsToDial(setup) },
    { name: 'leaves a dial when its signal is aborted', run: () => leavesDial(setup) },
    { name: 'refuses a second listener at one address', run: () => refusesSecondListener(setup) },
  ];
}

async function withEnds(setup: TransportSetup, body: (ends: Ends) => Promise<void>): Promise<void> {
  const { transport, address } = setup;
  let accept: (connection: Connection) => void;
  const accepted = new Promise<Connection>((resolve) => {
    accept = resolve;
  });
  const listener = await transport.listen(address, (connection) => accept(connection), { limits });
  try {
    const near = await transport.dial(listener.address, { limits, signal });
    const far = await accepted;
    await body({ near, far, listener, transport });
    await Promise.all([near.close(), far.close()]);
  } finally {
    await listener.close();
  }
}

function frameOf(header: number, body: number, seed = 0): Frame {
  return { header: patternBytes(header, seed), body: patternBytes(body, seed + 1) };
}

async function requireFrame(connection: Connection, expected: Frame, what: string): Promise<void> {
  const frame = await connection.receive(signal);
  requireThat(frame !== null, `${what}: got the end, expected a frame`);
  if (frame === null) return;
  requireThat(sameBytes(frame.header, expected.header), `${what}: the header differs`);
  requireThat(sameBytes(frame.body, expected.body), `${what}: the body differs`);
}

async function keepsOrder({ near, far }: Ends): Promise<void> {
  const sending = (async () => {
    for (let index = 0; index < 300; index++) await near.send(frameOf(10, index % 7, index), signal);
  })();
  for (let index = 0; index < 300; index++)
    await requireFrame(far, frameOf(10, index % 7, index), `frame ${index}`);
  await sending;
}

async function carriesNothing({ near, far }: Ends): Promise<void> {
  await near.send(frameOf(0, 0), signal);
  await near.send(frameOf(5, 0), signal);
  await requireFrame(far, frameOf(0, 0), 'the empty frame');
  await requireFrame(far, frameOf(5, 0), 'the frame without a body');
}

async function carriesMuch({ near, far }: Ends): Promise<void> {
  const frame = frameOf(100, 2 ** 23);
  await Promise.all([near.send(frame, signal), requireFrame(far, frame, 'the large frame')]);
}

async function carriesBothWays({ near, far }: Ends): Promise<void> {
  const [there, back] = [frameOf(8, 2 ** 20, 1), frameOf(8, 2 ** 20, 2)];
  await Promise.all([
    near.send(there, signal),
    far.send(back, signal),
    requireFrame(far, there, 'there'),
    requireFrame(near, back, 'back'),
  ]);
}

async function keepsConcurrentSends({ near, far }: Ends): Promise<void> {
  const frames = Array.from({ length: 8 }, (_, index) => frameOf(20, 100_000 * ((index % 3) + 1), index));
  const sending = Promise.all(frames.map((frame) => near.send(frame, neverAborted())));
  for (const [index, frame] of frames.entries()) await requireFrame(far, frame, `concurrent frame ${index}`);
  await sending;
}

async function givesOwnBytes({ near, far }: Ends): Promise<void> {
  const frame = frameOf(4, 1000);
  await near.send(frame, signal);
  frame.body.fill(0);
  const received = await far.receive(signal);
  requireThat(received !== null && sameBytes(received.body, patternBytes(1000, 1)), 'the bytes are shared');
  requireEqual(received?.body.buffer.byteLength, 1000, 'the buffer of the body');
}

async function servesReceiversInOrder({ near, far }: Ends): Promise<void> {
  const receiving = [0, 1, 2].map((index) => requireFrame(far, frameOf(3, 3, index), `receiver ${index}`));
  for (const index of [0, 1, 2]) await near.send(frameOf(3, 3, index), signal);
  await Promise.all(receiving);
}

/** 64 MB are offered; what a transport and the kernel take without a reader is far below. */
async function holdsSenderBack({ near, far }: Ends): Promise<void> {
  const [frame, offered] = [frameOf(4, 2 ** 20), 64];
  let accepted = 0;
  const sending = Promise.all(
    Array.from({ length: offered }, async () => {
      await near.send(frame, neverAborted());
      accepted++;
    }),
  );
  await settled(() => accepted);
  requireThat(accepted < 32, `${accepted} MB were accepted though nobody reads`);
  for (let index = 0; index < offered; index++)
    requireThat((await far.receive(signal)) !== null, 'early end');
  await sending;
}

async function settled(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); ) {
    before = count();
    await elapse(100);
  }
}

async function deliversBeforeClose({ near, far }: Ends): Promise<void> {
  for (const index of [0, 1, 2]) await near.send(frameOf(6, 1000, index), signal);
  const closing = near.close();
  for (const index of [0, 1, 2]) await requireFrame(far, frameOf(6, 1000, index), `frame ${index}`);
  requireEqual(await far.receive(signal), null, 'after the last frame');
  await closing;
}

async function endsReceivesOnClose({ near, far }: Ends): Promise<void> {
  const [atNear, atFar] = [near.receive(signal), far.receive(signal)];
  await near.close();
  requireEqual([await atNear, await atFar], [null, null], 'what pending receives resolve to');
}

async function closesTwice({ near, far }: Ends): Promise<void> {
  await Promise.all([near.close(), far.close(), near.close()]);
  await near.close();
  requireEqual(await near.receive(signal), null, 'a receive after close');
}

async function refusesAfterClose({ near }: Ends): Promise<void> {
  await near.close();
  await requireRejection(near.send(frameOf(1, 1), signal), ['ConnectionError']);
}

async function tellsSenderOfClose({ near, far }: Ends): Promise<void> {
  await far.close();
  requireEqual(await near.receive(signal), null, 'a receive after the peer closed');
  await requireRejection(near.send(frameOf(1, 1), signal), ['ConnectionError']);
}

async function breaksOnAbort({ near, far }: Ends): Promise<void> {
  const ends = [near, far].map((end) => requireRejection(end.receive(signal), ['ConnectionError']));
  near.abort();
  near.abort();
  await Promise.all(ends);
  await requireRejection(near.send(frameOf(1, 1), signal), ['ConnectionError']);
}

async function breaksSendOnAbort({ near }: Ends): Promise<void> {
  const sends = Array.from({ length: 16 }, () => near.send(frameOf(1, 2 ** 22), neverAborted()));
  const last = requireRejection(Promise.all(sends), ['ConnectionError']);
  await elapse(20);
  near.abort();
  await last;
  await Promise.allSettled(sends);
}

async function leavesReceive({ near, far }: Ends): Promise<void> {
  const controller = new AbortController();
  const left = requireRejection(far.receive(controller.signal), ['CancelledError']);
  controller.abort(withdrawn());
  await left;
  await near.send(frameOf(2, 2), signal);
  await requireFrame(far, frameOf(2, 2), 'the next frame');
}

async function leavesSend({ near, far }: Ends): Promise<void> {
  const controller = new AbortController();
  controller.abort(withdrawn());
  await requireRejection(near.send(frameOf(9, 9), controller.signal), ['CancelledError']);
  await near.send(frameOf(2, 2), signal);
  await requireFrame(far, frameOf(2, 2), 'the next frame');
}

async function refusesOversize({ near, far }: Ends, size: { header: number; body: number }): Promise<void> {
  const frame: Frame = { header: new Uint8Array(size.header), body: new Uint8Array(size.body) };
  const sending = near.send(frame, signal).catch(() => undefined);
  await requireRejection(far.receive(signal), ['ProtocolError']);
  await sending;
  await requireRejection(near.receive(signal), ['ConnectionError']);
}

async function movesLimits({ near, far }: Ends): Promise<void> {
  const sized = (header: number): Frame => ({ header: new Uint8Array(header), body: new Uint8Array(8) });
  far.allow({ headerBytes: 2048, bodyBytes: 8 });
  await near.send(sized(2048), signal);
  await requireFrame(far, sized(2048), 'a frame that is larger than was allowed at first');
  far.allow({ headerBytes: 16, bodyBytes: 8 });
  const sending = near.send(sized(17), signal).catch(() => undefined);
  await requireRejection(far.receive(signal), ['ProtocolError']);
  await sending;
}

async function closesWithListener({ near, far, listener, transport }: Ends): Promise<void> {
  await listener.close();
  requireEqual([await near.receive(signal), await far.receive(signal)], [null, null], 'both ends');
  await requireRejection(transport.dial(listener.address, { limits, signal }), ['ConnectionError']);
}

async function failsToDial({ transport, deadAddress }: TransportSetup): Promise<void> {
  const error = await requireRejection(transport.dial(deadAddress, { limits, signal }), ['ConnectionError']);
  requireThat(String(error).includes(deadAddress), `'${String(error)}' does not name ${deadAddress}`);
}

async function leavesDial({ transport, deadAddress }: TransportSetup): Promise<void> {
  const controller = new AbortController();
  controller.abort(withdrawn());
  const dialling = transport.dial(deadAddress, { limits, signal: controller.signal });
  await requireRejection(dialling, ['CancelledError']);
}

async function refusesSecondListener({ transport, address }: TransportSetup): Promise<void> {
  const listener = await transport.listen(address, () => undefined, { limits });
  try {
    await requireRejection(
      transport.listen(listener.address, () => undefined, { limits }),
      ['ResourceError'],
    );
  } finally {
    await listener.close();
  }
}

function withdrawn(): CancelledError {
  return new CancelledError('the suite withdrew it', 'Nothing to do.');
}
