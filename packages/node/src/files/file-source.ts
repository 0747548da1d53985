import { closeSync, fstatSync, readSync } from 'node:fs';
import { type ByteSource, InvalidInputError, ResourceError } from '@tandem/core';
import { errorCode } from './error-code.ts';
import { openRegularFile } from './open-regular-file.ts';

/** A file as random-access bytes, of any size. Nothing of it is held in memory but one small window. */
export interface FileSource extends ByteSource {
  readonly path: string;
  /** Fills `target` with the bytes from `offset`: a read without an allocation. Throws like `read`. */
  readInto(target: Uint8Array, offset: number): void;
  /** Idempotent; reading afterwards throws InvalidInputError. */
  close(): void;
}

/** Reads up to this size are copied out of a window of the next size; larger ones go straight to the file. */
const smallReadBytes = 16 * 1024;
const windowBytes = 64 * 1024;
const largestReadBytes = 2 ** 31 - 1;

/**
 * Opens a file for reading. Throws InvalidInputError when it is missing, not a regular file, empty or may not be read.
 * Results of `read` belong to the caller; a range outside [0, size] throws InvalidInputError.
 */
export function openFileSource(path: string): FileSource {
  return new WindowedFile(path, openRegularFile(path));
}

class WindowedFile implements FileSource {
  readonly path: string;
  readonly size: number;
  #descriptor: number | null;
  readonly #window = new Uint8Array(windowBytes);
  #windowStart = 0;
  #windowLength = 0;

  constructor(path: string, descriptor: number) {
    this.path = path;
    this.size = fstatSync(descriptor).size;
    this.#descriptor = descriptor;
  }

  read(offset: number, length: number): Uint8Array {
    this.#checkRange(offset, length);
    if (length > smallReadBytes) return this.#readLarge(offset, length);
    this.#moveWindow(offset, length);
    return this.#window.slice(offset - this.#windowStart, offset - this.#windowStart + length);
  }

  readInto(target: Uint8Array, offset: number): void {
    this.#checkRange(offset, target.length);
    this.#fill(target, offset);
  }

  close(): void {
    if (this.#descriptor === null) return;
    closeSync(this.#descriptor);
    this.#descriptor = null;
    this.#windowLength = 0;
  }

  #readLarge(offset: number, length: number): Uint8Array {
    const target = allocate(length, this.path);
    this.#fill(target, offset);
    return target;
  }

  #moveWindow(offset: number, length: number): void {
    const inside = offset >= this.#windowStart && offset + length <= this.#windowStart + this.#windowLength;
    if (inside) return;
    const wanted = Math.min(windowBytes, this.size - offset);
    this.#windowLength = 0;
    this.#fill(this.#window.subarray(0, wanted), offset);
    this.#windowStart = offset;
    this.#windowLength = wanted;
  }

  #fill(target: Uint8Array, offset: number): void {
    let filled = 0;
    while (filled < target.length) {
      const count = this.#readSome(target, filled, offset + filled);
      if (count === 0) throw this.#shortened(offset + filled);
      filled += count;
    }
  }

  #readSome(target: Uint8Array, from: number, position: number): number {
    try {
      const length = Math.min(target.length - from, largestReadBytes);
      return readSync(this.#openDescriptor(), target, from, length, position);
    } catch (cause) {
      if (errorCode(cause) === null) throw cause;
      throw new ResourceError(
        `Reading ${this.path} at byte ${position} failed (${errorCode(cause)}).`,
        'Check the disk that holds the file.',
        { cause },
      );
    }
  }

  #openDescriptor(): number {
    if (this.#descriptor !== null) return this.#descriptor;
    throw new InvalidInputError(
      `${this.path} was read after it was closed.`,
      'Close a model only when nothing reads its weights any more.',
    );
  }

  #checkRange(offset: number, length: number): void {
    const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
    if (whole && offset >= 0 && length >= 0 && offset + length <= this.size) return;
    throw new InvalidInputError(
      `${this.path} has ${this.size} bytes, but ${length} bytes from ${offset} are asked for.`,
      'The file may be cut short: fetch it again.',
    );
  }

  #shortened(position: number): InvalidInputError {
    return new InvalidInputError(
      `${this.path} ended at byte ${position}, but had ${this.size} bytes when it was opened.`,
      'Leave the file alone while it is read, then run again.',
    );
  }
}

function allocate(length: number, path: string): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new ResourceError(
      `${length} bytes of ${path} do not fit in memory.`,
      'Read the file in parts, or use a device with more memory.',
      { cause },
    );
  }
}
