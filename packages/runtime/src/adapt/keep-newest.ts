interface Remembered<Key> {
  readonly size: number;
  /** The oldest first. */
  keys(): Iterable<Key>;
  delete(key: Key): boolean;
}

/** Forgets the oldest of a map or a set until there are no more than `most`. */
export function keepNewest<Key>(remembered: Remembered<Key>, most: number): void {
  for (const oldest of remembered.keys()) {
    if (remembered.size <= most) return;
    remembered.delete(oldest);
  }
}
