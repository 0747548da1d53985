import { type Codec, seconds } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { withAgreedLossless } from './agreed-lossless.ts';

const codec: Codec = { kind: 'affine', bits: 4, perChannel: false, lossless: 'brotli' };
const plain: Codec = { kind: 'affine', bits: 4, perChannel: false };

describe('withAgreedLossless', () => {
  it.each<[string, readonly [string, readonly 'brotli'[]][], Codec]>([
    [
      'both have it',
      [
        ['a', ['brotli']],
        ['b', ['brotli']],
      ],
      codec,
    ],
    [
      'the sender lacks it',
      [
        ['a', []],
        ['b', ['brotli']],
      ],
      plain,
    ],
    [
      'the receiver lacks it',
      [
        ['a', ['brotli']],
        ['b', []],
      ],
      plain,
    ],
    ['nobody knows the receiver', [['a', ['brotli']]], plain],
  ])('%s', (_, known, expected) => {
    const routes = [{ tensor: 'h', from: 'a', to: 'b', codec }];
    const deployment = {
      version: 1,
      requestTimeoutSeconds: seconds(1),
      queue: 1,
      tensors: [],
      stages: [],
      routes,
      pacedLinks: [],
    };
    expect(withAgreedLossless(deployment, new Map(known)).routes[0]?.codec).toEqual(expected);
  });
});
