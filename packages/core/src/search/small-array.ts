/** An empty array for the few items that one step makes: with its first item a `[]` takes room for seventeen, this one has room for four. */
export function smallArray<Item>(): Item[] {
  return new Array<Item>();
}
