import { type CreateSha256, digestJson, ProtocolError } from '@tandem/core';
import type { PartManifest, SegmentManifest } from './segment.ts';

const partNames = ['model.onnx', 'weights.bin'];
const digestPattern = /^[0-9a-f]{64}$/;

/** The manifest of these parts: its digest covers their names, sizes and digests, in the order given. */
export function manifestOf(parts: readonly PartManifest[], createSha256: CreateSha256): SegmentManifest {
  const plain = parts.map(({ name, sizeBytes, digest }) => ({ name, sizeBytes, digest }));
  return { digest: digestJson(plain, createSha256), parts: plain };
}

/** Refuses (ProtocolError) a manifest with other parts than a segment has, with absurd sizes, or whose digest is not its own. */
export function checkManifest(manifest: SegmentManifest, createSha256: CreateSha256): void {
  const names = manifest.parts.map(({ name }) => name);
  if (names[0] !== 'model.onnx' || names.length > 2 || names.some((name, at) => name !== partNames[at]))
    throw refused(`the parts [${names.join(', ')}]`, 'model.onnx, then perhaps weights.bin');
  manifest.parts.forEach(checkPart);
  const digest = manifestOf(manifest.parts, createSha256).digest;
  if (manifest.digest !== digest) throw refused(`the digest ${manifest.digest}`, digest);
}

function checkPart({ name, sizeBytes, digest }: PartManifest): void {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
    throw refused(`${sizeBytes} bytes of ${name}`, 'a whole number of bytes');
  if (!digestPattern.test(digest)) throw refused(`the digest ${digest} of ${name}`, '64 hexadecimal digits');
}

function refused(got: string, expected: string): ProtocolError {
  return new ProtocolError(
    `a segment's manifest states ${got}, expected ${expected}`,
    'Make the segment again with this version.',
  );
}
