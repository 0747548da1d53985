import { seconds } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { LinkRates } from './link-rates.ts';

describe('LinkRates', () => {
  it('takes the longer of what sender and receiver saw, whoever tells first', () => {
    for (const order of ['sender first', 'receiver first']) {
      const rates = new LinkRates();
      const tells = [
        () => rates.sent('b', 1, 'x', 1000, 0.001),
        () => rates.acknowledged('b', 1, 'x', seconds(2)),
      ];
      for (const tell of order === 'sender first' ? tells : tells.reverse()) {
        expect(rates.bitsPerSecond('b')).toBeNull();
        tell();
      }
      expect(rates.bitsPerSecond('b')).toBe(4000);
    }
  });

  it('falls at once, rises slowly, and knows each way by itself', () => {
    const rates = new LinkRates();
    const transfer = (request: number, to: string, taken: number): number => {
      rates.sent(to, request, 'x', 1000, taken);
      rates.acknowledged(to, request, 'x', null);
      return rates.bitsPerSecond(to) ?? 0;
    };
    expect(transfer(1, 'b', 1)).toBe(8000);
    expect(transfer(2, 'b', 10)).toBe(1000);
    expect(transfer(3, 'b', 1)).toBeLessThan(8000);
    expect(transfer(4, 'c', 4)).toBe(2000);
  });

  it('goes on learning, however many transfers came to nothing', () => {
    const rates = new LinkRates();
    for (let request = 0; request < 5000; request++) rates.sent('b', request, 'x', 1000, 1);
    rates.acknowledged('b', 0, 'x', null);
    expect(rates.bitsPerSecond('b')).toBeNull();
    rates.sent('b', 5000, 'x', 1000, 1);
    rates.acknowledged('b', 5000, 'x', null);
    expect(rates.bitsPerSecond('b')).toBe(8000);
  });

  it('learns nothing from a transfer without time', () => {
    const rates = new LinkRates();
    rates.sent('b', 1, 'x', 0, 0);
    rates.acknowledged('b', 1, 'x', null);
    expect(rates.bitsPerSecond('b')).toBeNull();
  });
});
