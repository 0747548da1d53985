import { catalogueEntry } from '@tandem/core';
import type { Output } from '../output.ts';
import { catalogueJson, entryJson } from './catalogue-json.ts';
import { catalogueText, entryText } from './catalogue-text.ts';

/** Answers `catalogue`: all devices and links, or one with the source of every figure. Throws InvalidInputError for an unknown name. */
export function catalogueCommand(name: string | undefined, output: Output): void {
  if (name === undefined) {
    const listed = catalogueJson();
    output.answer(listed, () => catalogueText(listed));
    return;
  }
  const entry = catalogueEntry(name);
  output.answer(entryJson(name, entry), () => entryText(entry));
}
