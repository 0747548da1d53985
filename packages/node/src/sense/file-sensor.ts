import { InvalidInputError } from '@tandem/core';
import { type DeviceSensor, readingOf, type SensorReading } from '@tandem/runtime';
import { readBounded } from '../files/read-bounded.ts';

const longestFile = 65_536;

/** Sensors of a device that has none, or not here: a JSON file (`SensorReading`) that somebody, or something, keeps up to date. */
export class FileSensor implements DeviceSensor {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws InvalidInputError where the file is missing, too long, or holds something else. */
  async read(): Promise<SensorReading> {
    const text = new TextDecoder().decode(readBounded(this.#path, longestFile, 'a reading of sensors'));
    return readingOf(parsed(text, this.#path), this.#path);
  }
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new InvalidInputError(
      `${path} is not JSON, expected a reading of sensors`,
      'Write the new reading to another file and rename that, so that nobody reads half of it.',
      { cause },
    );
  }
}
