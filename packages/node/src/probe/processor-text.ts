/** The first processor of /proc/cpuinfo, key by key. A Raspberry Pi's closing lines ('Model') count as its own. */
export type ProcessorText = ReadonlyMap<string, string>;

export function processorText(text: string | null): ProcessorText {
  const values = new Map<string, string>();
  for (const line of (text ?? '').split('\n')) {
    const [, key, value] = /^([^\t:]+?)\s*:\s*(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined && !values.has(key)) values.set(key, value.trim());
  }
  return values;
}

/** Arm's and NVIDIA's part numbers, as the cores' reference manuals state them under MIDR_EL1. */
const cores: Readonly<Record<string, string>> = {
  '0x41/0xc07': 'Arm Cortex-A7',
  '0x41/0xd03': 'Arm Cortex-A53',
  '0x41/0xd05': 'Arm Cortex-A55',
  '0x41/0xd07': 'Arm Cortex-A57',
  '0x41/0xd08': 'Arm Cortex-A72',
  '0x41/0xd09': 'Arm Cortex-A73',
  '0x41/0xd0b': 'Arm Cortex-A76',
  '0x41/0xd0c': 'Arm Neoverse N1',
  '0x41/0xd40': 'Arm Neoverse V1',
  '0x41/0xd42': 'Arm Cortex-A78AE',
  '0x41/0xd49': 'Arm Neoverse N2',
  '0x41/0xd4f': 'Arm Neoverse V2',
  '0x4e/0x004': 'NVIDIA Carmel',
};

/** What the maker calls it: in words, or by the number of its core where that is one we know. */
export function processorName(text: ProcessorText): string | null {
  const named = text.get('model name');
  if (named !== undefined && !/^ARMv\d/.test(named)) return named;
  return cores[`${text.get('CPU implementer')}/${text.get('CPU part')}`] ?? named ?? null;
}
