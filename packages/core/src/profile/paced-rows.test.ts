import { describe, expect, it } from 'vitest';
import { seconds } from '../units.ts';
import { pacedRows } from './paced-rows.ts';
import type { MeasuredRow } from './profile-file.ts';

const warm: MeasuredRow = {
  kind: 'segment',
  name: '0-2',
  threads: 1,
  batch: 1,
  frequencyHertz: null,
  state: 'warm',
  seconds: seconds(3),
  spreadSeconds: seconds(1),
};

describe('pacedRows', () => {
  it('stretches warm times and says how', () => {
    const clock = { kind: 'pace', share: 0.25 } as const;
    const codec = { ...warm, kind: 'codec' } as const;
    const rows = pacedRows([warm, { ...warm, state: 'cold' }, codec, { ...warm, clock }], clock);
    expect(rows).toEqual([{ ...warm, clock, seconds: 12, spreadSeconds: 4 }]);
  });
});
