import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { TensorValue } from '@tandem/runtime';
import type { MovedTensor } from './worker-messages.ts';

/**
 * The same tensors in buffers that can move to another thread whole. One that is part of a larger buffer is copied out first; so is
 * an empty one, whose buffer may have been taken away without showing it.
 */
export function movable(tensors: readonly TensorValue[]): readonly MovedTensor[] {
  return tensors.map(({ name, type, shape, data }) => {
    const { buffer } = isWhole(data) ? data : new Uint8Array(data);
    return [name, type, shape, buffer];
  });
}

/** What came from another thread. */
export function tensorsOf(moved: readonly MovedTensor[]): readonly TensorValue[] {
  return moved.map(([name, type, shape, buffer]) => ({ name, type, shape, data: new Uint8Array(buffer) }));
}

function isWhole(data: Uint8Array): boolean {
  return data.byteLength > 0 && data.byteLength === data.buffer.byteLength;
}

/** Each buffer once, as postMessage wants it. */
export function buffersOf(tensors: readonly MovedTensor[]): ArrayBuffer[] {
  return [...new Set(tensors.map(([, , , buffer]) => buffer))];
}

/**
 * Gives the memory of `buffers` back at once instead of when they are collected, which may be many requests later: moved to a port
 * that is closed, they are gone.
 */
export function letGo(buffers: ArrayBuffer[]): void {
  nowhere.postMessage(null, buffers);
}

const nowhere = closedPort();

function closedPort(): MessagePort {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
}
