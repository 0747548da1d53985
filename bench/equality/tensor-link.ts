import { setImmediate } from 'node:timers/promises';
import { ProtocolError, seconds } from '@tandem/core';
import { tcp } from '@tandem/node';
import {
  type Connection,
  decodeMessage,
  encodeMessage,
  wireLimits as limits,
  type TensorValue,
} from '@tandem/runtime';

/** A real TCP connection over loopback whose both ends are in this process: what is sent at one end is read at the other. */
export interface TensorLink {
  /** Sends tensors as agents do and gives them as they arrived. */
  carry(tensors: readonly TensorValue[], signal: AbortSignal): Promise<TensorValue[]>;
  close(): Promise<void>;
}

export async function openTensorLink(): Promise<TensorLink> {
  const accepted: Connection[] = [];
  const listener = await tcp().listen('127.0.0.1:0', (connection) => accepted.push(connection), { limits });
  const near = await tcp().dial(listener.address, { limits, signal: AbortSignal.timeout(10_000) });
  while (accepted.length === 0) await setImmediate();
  const [far = near] = accepted;
  return {
    carry: async (tensors, signal) => {
      const [arrived] = await Promise.all([
        receive(far, tensors.length, signal),
        send(near, tensors, signal),
      ]);
      return arrived;
    },
    close: async () => {
      await near.close();
      await listener.close();
    },
  };
}

async function send(
  connection: Connection,
  tensors: readonly TensorValue[],
  signal: AbortSignal,
): Promise<void> {
  for (const { name, type, shape, data } of tensors) {
    const message = {
      kind: 'tensor',
      version: 1,
      request: 1,
      ticket: 0,
      tensor: name,
      type,
      shape,
      codec: { kind: 'raw' },
      rawBecause: null,
      readySeconds: seconds(0),
    } as const;
    await connection.send({ header: encodeMessage(message), body: data }, signal);
  }
}

async function receive(connection: Connection, count: number, signal: AbortSignal): Promise<TensorValue[]> {
  const tensors: TensorValue[] = [];
  while (tensors.length < count) {
    const frame = await connection.receive(signal);
    const message = frame === null ? null : decodeMessage(frame.header);
    if (frame === null || message?.kind !== 'tensor')
      throw new ProtocolError(`received ${message?.kind ?? 'an end'}, expected a tensor`, 'Report this.');
    tensors.push({ name: message.tensor, type: message.type, shape: message.shape, data: frame.body });
  }
  return tensors;
}
