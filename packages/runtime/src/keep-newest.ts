interface Remembered<Key> {
  readonly size: number;
  /** The oldest first. */
  keys(): Iterable<Key>;
  delete(key: Key): boolean;
}

/** Forgets the oldest of a map or a set until there are no more than `most`. */
export function keepNewest<Key>(remembered: Remembered<Key>, most: number): void {
  // The oldest is looked for among all that were deleted before it, so only where one has to go.
  if (remembered.size <= most) return;
  for (const oldest of remembered.keys()) {
    remembered.delete(oldest);
    if (remembered.size <= most) return;
  }
}
