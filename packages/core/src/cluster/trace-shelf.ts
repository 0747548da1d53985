import { InvalidInputError } from '../errors.ts';
import { parseTrace } from './parse-trace.ts';
import type { TracePoint } from './rate.ts';

/** The text of a trace file, by the name that the cluster file gives. Throws InvalidInputError when it cannot be read. */
export type ReadTrace = (name: string) => string;

/** All links together; a problem carries its traces point by point. */
const mostPoints = 1_000_000;

/** The traces that a cluster file names, each read and parsed once. */
export class TraceShelf {
  readonly #read: ReadTrace | undefined;
  readonly #traces = new Map<string, readonly TracePoint[]>();
  #handedOut = 0;

  constructor(read: ReadTrace | undefined) {
    this.#read = read;
  }

  /** The trace for so many more links. Throws InvalidInputError with one sentence. */
  take(name: string, links: number): readonly TracePoint[] {
    const points = this.#traces.get(name) ?? this.#parse(name);
    this.#handedOut += points.length * links;
    if (this.#handedOut <= mostPoints) return points;
    throw new InvalidInputError(
      `the traces of all links up to this one have ${this.#handedOut} points, expected at most ${mostPoints}.`,
      'Give fewer links a trace, or shorter ones.',
    );
  }

  #parse(name: string): readonly TracePoint[] {
    if (this.#read === undefined) {
      throw new InvalidInputError(
        `there is no file ${JSON.stringify(name.slice(0, 60))} where this description comes from.`,
        'Read the description from a file, or hand in how traces are read.',
      );
    }
    const points = parseTrace(this.#read(name), name);
    this.#traces.set(name, points);
    return points;
  }
}
