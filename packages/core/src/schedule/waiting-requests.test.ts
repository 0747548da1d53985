import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WaitingRequests } from './waiting-requests.ts';

interface Waiting {
  readonly request: number;
  readonly priority: number;
}

describe('WaitingRequests', () => {
  it('is a list sorted by falling priority, of equals in the order in which they came', () => {
    const steps = fc.array(fc.record({ priority: fc.integer({ min: -2, max: 3 }), leaves: fc.nat(30) }));
    fc.assert(
      fc.property(steps, (sequence) => {
        const waiting = new WaitingRequests<Waiting>();
        let model: Waiting[] = [];
        const all: Waiting[] = [];
        for (const [request, { priority, leaves }] of sequence.entries()) {
          const one = { request, priority };
          all.push(one);
          waiting.add(one);
          model = [...model, one].sort((a, b) => b.priority - a.priority || a.request - b.request);
          const left = all[leaves];
          if (left !== undefined) waiting.delete(left);
          model = model.filter((other) => other !== left);
          expect(waiting.byPriority.flatMap(({ requests }) => [...requests])).toEqual(model);
          expect(waiting.size).toBe(model.length);
          for (const { priority: of, requests } of waiting.byPriority)
            expect([...requests].map((each) => each.priority)).toEqual(Array(requests.size).fill(of));
          expect(waiting.byPriority.every(({ requests }) => requests.size > 0)).toBe(true);
        }
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});
