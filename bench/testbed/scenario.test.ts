import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { directionsOf, parseScenario, readScenario } from './scenario.ts';

const folder = fileURLToPath(new URL('./scenarios/', import.meta.url));
const two = { name: 'two', hosts: [{ id: 'a' }, { id: 'b' }], links: [] };

describe('scenario', () => {
  it.each(readdirSync(folder))('%s can be read', async (file) => {
    expect((await readScenario(folder + file)).links.length).toBeGreaterThan(0);
  });

  it.each([
    { fault: 'no hosts', value: { ...two, hosts: [] }, says: 'hosts' },
    { fault: 'a name that no kernel takes', value: { ...two, hosts: [{ id: 'a/b' }] }, says: 'hosts[0].id' },
    { fault: 'twins', value: { ...two, hosts: [{ id: 'a' }, { id: 'a' }] }, says: 'same id' },
    { fault: 'an unknown host', value: { ...two, links: [{ between: ['a', 'c'] }] }, says: "'c'" },
    { fault: 'a loop', value: { ...two, links: [{ between: ['a', 'a'] }] }, says: 'to itself' },
    {
      fault: 'a second link of a pair',
      value: { ...two, links: [{ between: ['a', 'b'] }, { between: ['b', 'a'] }] },
      says: 'two links join',
    },
    {
      fault: 'a rate of zero',
      value: { ...two, links: [{ between: ['a', 'b'], megabitsPerSecond: 0 }] },
      says: 'links[0].megabitsPerSecond',
    },
    { fault: 'an unknown field', value: { ...two, delay: 3 }, says: 'delay' },
    { fault: 'no object', value: 'hosts', says: 'file.yaml' },
  ])('refuses $fault', ({ value, says }) => {
    expect(() => parseScenario(value, 'file.yaml')).toThrow(says);
  });

  it('shapes the way back like the way there unless told', () => {
    const links = [
      { between: ['a', 'b'], megabitsPerSecond: 20 },
      { between: ['b', 'c'], megabitsPerSecond: 50, backMegabitsPerSecond: 5 },
    ];
    const scenario = parseScenario({ ...two, hosts: [...two.hosts, { id: 'c' }], links }, 'file.yaml');
    expect(directionsOf(scenario).map((way) => [way.from, way.to, way.megabitsPerSecond])).toEqual([
      ['a', 'b', 20],
      ['b', 'a', 20],
      ['b', 'c', 50],
      ['c', 'b', 5],
    ]);
  });
});
