import { type Hertz, hertz } from '@tandem/core';

/** What a power mode of a Jetson board allows its processors. */
export interface PowerMode {
  readonly id: number;
  readonly name: string;
  /** How many are on. */
  readonly processors: number;
  /** Of the fastest; null = as much as they can. */
  readonly highestHertz: Hertz | null;
}

/** Greater limits, in kHz, are none. */
const mostKilohertz = 1e8;

/**
 * The modes of a configuration file of nvpmodel (Jetson developer guide, "Power Mode Controls"): a line `< POWER_MODEL ID=1 NAME=5W >` and
 * behind it what holds in it, `CPU_ONLINE CORE_2 0` or `CPU_A57 MAX_FREQ 918000`, in kHz, -1 = no limit.
 */
export function powerModes(text: string): readonly PowerMode[] {
  const [, ...sections] = text.split(/^\s*<\s*POWER_MODEL\s+/m);
  return sections.flatMap((section): PowerMode[] => {
    const [, id, name = ''] = /^ID=(\d+)\s+NAME=([^\s>]+)/.exec(section) ?? [];
    if (id === undefined) return [];
    // What follows a section that is no mode holds for no mode.
    const [head = '', ...rest] = section.split('>');
    const body = rest.join('>').split(/^\s*</m)[0] ?? head;
    const processors = [...body.matchAll(/^\s*CPU_ONLINE\s+CORE_\d+\s+1\b/gm)].length;
    const limits = [...body.matchAll(/^\s*CPU_\w+\s+MAX_FREQ\s+(-?\d+)/gm)].map(([, kilohertz]) =>
      Number(kilohertz),
    );
    const isLimited = limits.length > 0 && limits.every((limit) => limit > 0 && limit < mostKilohertz);
    return [
      {
        id: Number(id),
        name,
        processors,
        highestHertz: isLimited ? hertz(1000 * Math.max(...limits)) : null,
      },
    ];
  });
}
