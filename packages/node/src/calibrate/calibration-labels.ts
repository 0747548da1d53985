import { extname } from 'node:path';
import { InvalidInputError, type Label } from '@tandem/core';
import { readBounded } from '../files/read-bounded.ts';
import type { OpenData } from './calibration-data.ts';

const largestFile = 2 ** 26;

/**
 * What is right for each sample: 'own' = what the data bring along; else a file with a class index a line in the order of the data, or
 * lines of a file's name and its index, or such a list or object as .json. Throws InvalidInputError where a sample has none.
 */
export function readTruths(reference: string, data: OpenData): readonly Label[] {
  if (reference === 'own') {
    if (data.ownLabels !== null) return data.ownLabels;
    throw new InvalidInputError(`${data.name} brings no labels along`, 'Give --labels FILE, or none.');
  }
  const text = new TextDecoder().decode(readBounded(reference, largestFile, 'a list of labels'));
  const known = extname(reference) === '.json' ? fromJson(reference, text) : fromLines(text);
  return data.names.map((name, at) => {
    const label = known.get(name) ?? known.get(String(data.places[at]));
    if (label !== undefined && Number.isSafeInteger(label) && label >= 0) return label;
    throw new InvalidInputError(
      `${reference} has ${label === undefined ? 'no label' : `the label ${label}`} for ${name}, expected a class index`,
      "Give each sample's class index, by name or in the order of the data.",
    );
  });
}

/** By name, or by position. */
type KnownLabels = ReadonlyMap<string, number>;

function fromLines(text: string): KnownLabels {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return new Map(
    lines.map((line, at) => {
      const named = /^(.*\S)\s*[,\s]\s*(\d+)\s*$/.exec(line);
      return named === null ? [String(at), Number(line)] : [named[1] ?? '', Number(named[2])];
    }),
  );
}

function fromJson(path: string, text: string): KnownLabels {
  try {
    const value = JSON.parse(text) as unknown;
    if (value !== null && typeof value === 'object')
      return new Map(Object.entries(value).map(([name, label]) => [name, Number(label)]));
  } catch {
    // Said below, as for anything else that is no list and no object.
  }
  throw new InvalidInputError(
    `${path} is no JSON list or object of class indices`,
    'Write [3, 8, …] in the order of the data, or { "cat.jpg": 3, … }.',
  );
}
