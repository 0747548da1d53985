import { dirname, resolve } from 'node:path';
import { InvalidInputError } from '@tandem/core';
import { z } from 'zod';
import { readBounded } from '../files/read-bounded.ts';
import { nearestFirst } from '../model/nearest-first.ts';
import { kernels, type ModelCard, modelCards } from './model-card.ts';

const limitBytes = 2 ** 22;
const side = z.int().min(1).max(16384);
const perChannel = z.array(z.number()).min(1).max(4);
const kernel = z.enum(kernels);

const shape = z.strictObject({
  input: z.string().optional(),
  layout: z.enum(['NCHW', 'NHWC']),
  width: side.optional(),
  height: side.optional(),
  colour: z.enum(['RGB', 'BGR', 'GREY']),
  resize: z.union([
    z.strictObject({ shortSide: side, kernel }),
    z.strictObject({ cropRatio: z.number().min(0.01).max(1), kernel }),
    z.strictObject({ exact: z.literal(true), kernel }),
  ]),
  crop: z.literal('centre'),
  scale: z.number().refine((value) => value !== 0, 'must not be 0'),
  mean: perChannel,
  deviation: perChannel.refine((values) => values.every((value) => value > 0), 'must be above 0'),
  labels: z.union([z.array(z.string()), z.string()]).optional(),
  outputs: z.enum(['logits', 'softmax']),
  topClasses: z.int().min(1).max(1000),
});

/**
 * The card that `reference` names: a preset of `modelCards`, or a JSON file with the card's fields. A file may name a preset under
 * `preset` and give only what differs; `labels` there is a list or the path, from the file's folder, of a text with one label a line.
 * Throws InvalidInputError that names the field.
 */
export function readModelCard(reference: string): ModelCard {
  const preset = presetNamed(reference);
  if (preset !== null) return preset;
  if (!reference.endsWith('.json')) throw unknownPreset(reference);
  const fields = jsonFields(reference);
  const parsed = shape.safeParse({ ...basis(fields['preset']), ...without(fields, 'preset') });
  if (!parsed.success) throw faultyCard(reference, parsed.error);
  const { labels, input, width, height, ...rest } = parsed.data;
  return {
    ...rest,
    ...(input === undefined ? {} : { input }),
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(labels === undefined ? {} : { labels: labelsOf(labels, reference) }),
  };
}

function presetNamed(name: string): ModelCard | null {
  const found = Object.entries(modelCards).find(([known]) => known === name);
  return found === undefined ? null : found[1];
}

function unknownPreset(name: string): InvalidInputError {
  const names = nearestFirst(name, Object.keys(modelCards));
  return new InvalidInputError(
    `There is no model card '${name}'.`,
    `Choose one of ${names.join(', ')}, or give the path of a .json file.`,
  );
}

function basis(preset: unknown): Partial<ModelCard> {
  if (preset === undefined) return {};
  const name = typeof preset === 'string' ? preset : JSON.stringify(preset);
  const found = presetNamed(name);
  if (found === null) throw unknownPreset(name);
  return found;
}

function jsonFields(path: string): Record<string, unknown> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(
      readBounded(path, limitBytes, 'a model card'),
    );
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof InvalidInputError) throw cause;
    throw new InvalidInputError(`${path} is not a JSON object.`, 'Write the card as one JSON object.', {
      cause,
    });
  }
}

function without(fields: Record<string, unknown>, left: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== left));
}

function faultyCard(path: string, error: z.ZodError): InvalidInputError {
  const [issue] = error.issues;
  const field = issue?.path.join('.') ?? '';
  return new InvalidInputError(
    `${path}: ${field === '' ? '' : `'${field}': `}${issue?.message ?? 'not a model card'}.`,
    `Give every field, or name a preset (${Object.keys(modelCards).join(', ')}) and only what differs.`,
  );
}

function labelsOf(labels: string | readonly string[], cardPath: string): readonly string[] {
  if (typeof labels !== 'string') return labels;
  return readLabels(resolve(dirname(cardPath), labels));
}

/** One label a line, by class index. */
export function readLabels(path: string): readonly string[] {
  const text = new TextDecoder().decode(readBounded(path, limitBytes, 'a list of labels'));
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}
