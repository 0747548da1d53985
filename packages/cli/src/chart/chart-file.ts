import { extname } from 'node:path';
import { InvalidInputError } from '@tandem/core';
import { pngOfSvg } from '@tandem/node';
import { checkSavable, saveFile } from '../save-file.ts';

/** Throws InvalidInputError for a file that is neither .svg nor .png or cannot be written: asked before the work, not after it. */
export async function checkChartFile(path: string | undefined): Promise<void> {
  if (path === undefined || ['.svg', '.png'].includes(extname(path).toLowerCase()))
    return await checkSavable('the chart', path);
  throw new InvalidInputError(
    `the chart ${path} is of no kind that is drawn, expected a name that ends in .svg or .png`,
    'Name the file CHART.svg or CHART.png.',
  );
}

/** Writes a drawing as its file's name asks: SVG, or PNG with two pixels a unit. */
export async function writeChart(path: string, svg: string): Promise<void> {
  const content = extname(path).toLowerCase() === '.png' ? await pngOfSvg(svg) : svg;
  await saveFile('the chart', path, content);
}
