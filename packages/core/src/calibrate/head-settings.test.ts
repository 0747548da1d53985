import { expect, it } from 'vitest';
import { headSettings } from './head-settings.ts';

const heads = [
  { labels: [1, 2, 2, 1], confidences: [0.9, 0.9, 0.5, 0.5] },
  { labels: [1, 1, 2, 2], confidences: [0.9, 0.9, 0.9, 0.3] },
];

it('lets each sample leave at the first classifier that is sure, and counts what that loses', () => {
  const settings = headSettings(heads, { labels: [1, 1, 2, 2] }, [0.4, 0.8, 0.99]);
  expect(settings).toMatchObject([
    { threshold: 0.4, from: 0, shares: [1, 0], loss: { lost: 2, share: 0.5 } },
    { threshold: 0.8, from: 0, shares: [0.5, 0.25], loss: { lost: 1, share: 0.25 } },
    { threshold: 0.4, from: 1, shares: [0, 0.75], loss: { lost: 0 } },
    { threshold: 0.8, from: 1, shares: [0, 0.75], loss: { lost: 0 } },
  ]);
  expect(headSettings([], { labels: [1] })).toEqual([]);
});
