import { InvalidInputError } from '../errors.ts';

/** Where a value lies in a document: keys and list positions from its root. */
export type DocumentPath = readonly (string | number)[];

/** Turns a path into a place that a person can go to, such as 'cluster.yaml:12'. */
export type DocumentPlace = (path: DocumentPath) => string;

/** As many faults are told at once; a document with more is of another kind. */
const limit = 20;

/** Collects what is wrong with a document, one sentence each, so that a person sees all of it at once. */
export class DocumentFaults {
  readonly #place: DocumentPlace | undefined;
  readonly #sentences: string[] = [];

  constructor(place?: DocumentPlace) {
    this.#place = place;
  }

  add(path: DocumentPath, sentence: string): void {
    if (this.#sentences.length > limit) return;
    if (this.#sentences.length === limit) this.#sentences.push('… and more.');
    else this.#sentences.push(this.#place === undefined ? sentence : `${this.#place(path)}: ${sentence}`);
  }

  /** Throws InvalidInputError with a line for each fault when there is any. */
  throwIfAny(remedy: string): void {
    if (this.#sentences.length > 0) throw new InvalidInputError(this.#sentences.join('\n'), remedy);
  }
}

/** devices[1].memoryGigabytes */
export function pathText(path: DocumentPath): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return text === '' ? 'the document' : text.replace(/^\./, '');
}

/** A value as a sentence quotes it, at most 60 characters. */
export function valueText(value: unknown): string {
  if (value === undefined) return 'absent';
  if (Array.isArray(value)) return 'a list';
  if (value !== null && typeof value === 'object') return 'an object';
  // JSON has no NaN, infinities or big integers, and YAML does.
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  const text = isNumber ? value.toString() : (JSON.stringify(value) ?? typeof value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
