import { ProtocolError } from '../errors.ts';
import { prefixBytes } from './activation-layout.ts';
import { affineBits, type Codec } from './codec.ts';

/** Why an activation went raw although another codec was asked for; null = it did not. */
export type RawReason = 'not finite' | 'too large' | null;

const kinds: readonly Codec['kind'][] = ['raw', 'affine', 'fp16', 'bf16'];
const reasons: readonly RawReason[] = [null, 'not finite', 'too large'];

/** What the first bytes of an encoded activation say. */
export interface ActivationPrefix {
  readonly codec: Codec;
  readonly rawBecause: RawReason;
  readonly elements: number;
}

/** One byte each for kind, bits (0 unless affine), channels (0 or 1) and reason; the elements as a little-endian 32-bit number. */
export function writePrefix({ codec, rawBecause, elements }: ActivationPrefix, encoded: Uint8Array): void {
  encoded[0] = kinds.indexOf(codec.kind);
  encoded[1] = codec.kind === 'affine' ? codec.bits : 0;
  encoded[2] = codec.kind === 'affine' && codec.perChannel ? 1 : 0;
  encoded[3] = reasons.indexOf(rawBecause);
  new DataView(encoded.buffer, encoded.byteOffset).setUint32(4, elements, true);
}

/** Throws ProtocolError for bytes that `writePrefix` did not write. */
export function readPrefix(encoded: Uint8Array): ActivationPrefix {
  const [kind = 0, bits = 0, channels = 0, reason = 0] = encoded;
  const codec = encoded.length < prefixBytes ? null : codecOf(kinds[kind], bits, channels);
  const rawBecause = codec?.kind === 'raw' ? reasons[reason] : reason === 0 ? null : undefined;
  if (codec === null || rawBecause === undefined) {
    throw notAnActivation(`starts with [${encoded.subarray(0, 4).join(', ')}]`, 'a known codec');
  }
  const elements = new DataView(encoded.buffer, encoded.byteOffset).getUint32(4, true);
  return { codec, rawBecause, elements };
}

function codecOf(kind: Codec['kind'] | undefined, bits: number, channels: number): Codec | null {
  if (kind === 'affine') {
    const known = affineBits.find((candidate) => candidate === bits);
    return known === undefined || channels > 1 ? null : { kind, bits: known, perChannel: channels === 1 };
  }
  return kind === undefined || bits > 0 || channels > 0 ? null : { kind };
}

/** What `readPrefix` and `decodeActivation` throw. */
export function notAnActivation(got: string, expected: string): ProtocolError {
  return new ProtocolError(
    `an encoded activation ${got}, expected ${expected}`,
    'Run the same version of Tandem on both machines, with the same plan.',
  );
}
