import { UnsupportedError } from '@tandem/core';

/**
 * An SVG document as PNG bytes, two pixels for each of its units so that letters stay sharp. Throws UnsupportedError where the sharp
 * package does not load.
 */
export async function pngOfSvg(svg: string): Promise<Uint8Array> {
  const sharp = await import('sharp').catch((cause: unknown) => {
    throw new UnsupportedError(
      'a PNG cannot be made here, since the sharp package does not load',
      'Run `npm install sharp`, or draw to a file that ends in .svg.',
      { cause },
    );
  });
  return sharp.default(new TextEncoder().encode(svg), { density: 144 }).png().toBuffer();
}
