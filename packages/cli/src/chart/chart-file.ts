import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { InvalidInputError } from '@tandem/core';
import { pngOfSvg } from '@tandem/node';

/** Throws InvalidInputError for a file that is neither .svg nor .png: asked before the work, not after it. */
export function checkChartFile(path: string | undefined): void {
  if (path === undefined || ['.svg', '.png'].includes(extname(path).toLowerCase())) return;
  throw new InvalidInputError(
    `the chart ${path} is of no kind that is drawn, expected a name that ends in .svg or .png`,
    'Name the file CHART.svg or CHART.png.',
  );
}

/** Writes a drawing as its file's name asks: SVG, or PNG with two pixels a unit. */
export async function writeChart(path: string, svg: string): Promise<void> {
  const content = extname(path).toLowerCase() === '.png' ? await pngOfSvg(svg) : svg;
  await writeFile(path, content).catch((cause: unknown) => {
    throw new InvalidInputError(
      `the chart cannot be written to ${path}`,
      'Give a file in a folder you may write to.',
      { cause },
    );
  });
}
