import type { FigureSource, UnknownFigure } from '@tandem/runtime';

/** Collects, while a machine is looked at, where each figure came from and why others are missing. */
export class Findings {
  readonly sources: FigureSource[] = [];
  readonly unknown: UnknownFigure[] = [];

  /** `value` as a property to spread, or nothing, with the reason noted, when it is null. */
  note<Key extends string, Value>(
    key: Key,
    value: Value | null,
    how: FigureSource['how'],
    from: string,
    why: string,
  ): { readonly [key in Key]?: Value } {
    if (value === null) this.miss(key, why);
    else this.sources.push({ what: key, how, from });
    return value === null ? {} : record(key, value);
  }

  miss(what: string, why: string): void {
    this.unknown.push({ what, why });
  }
}

function record<Key extends string, Value>(key: Key, value: Value): { readonly [key in Key]?: Value } {
  const entry: { [key in Key]?: Value } = {};
  entry[key] = value;
  return entry;
}
