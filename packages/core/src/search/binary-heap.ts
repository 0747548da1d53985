/** A priority queue: `pop` gives an item that no other precedes. Push and pop O(log size). */
export class BinaryHeap<Item> {
  readonly #items: Item[] = [];
  readonly #precedes: (left: Item, right: Item) => boolean;

  constructor(precedes: (left: Item, right: Item) => boolean) {
    this.#precedes = precedes;
  }

  push(item: Item): void {
    const items = this.#items;
    let place = items.push(item) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = items[above] as Item;
      if (!this.#precedes(item, parent)) break;
      items[place] = parent;
      place = above;
    }
    items[place] = item;
  }

  /** What `pop` would give. */
  peek(): Item | undefined {
    return this.#items[0];
  }

  pop(): Item | undefined {
    const items = this.#items;
    const [first, last] = [items[0], items.pop()];
    if (items.length > 0) this.#sink(last as Item);
    return first;
  }

  /** Puts an item in place of the first and moves it down. */
  #sink(item: Item): void {
    const items = this.#items;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && this.#precedes(items[below + 1] as Item, items[below] as Item))
        below += 1;
      const child = items[below] as Item;
      if (!this.#precedes(child, item)) break;
      items[place] = child;
      place = below;
    }
    items[place] = item;
  }
}
