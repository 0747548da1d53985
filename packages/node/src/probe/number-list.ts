/** '0-2,5' → [0, 1, 2, 5], as the kernel lists processors; at most 4096 of them, null for any other text. */
export function numberList(text: string | null): number[] | null {
  if (text === null || !/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(text)) return null;
  const numbers: number[] = [];
  for (const range of text.split(',')) {
    const [first = 0, last = first] = range.split('-').map(Number);
    if (last - first >= 4096 || numbers.length > 4096) return null;
    for (let number = first; number <= last; number++) numbers.push(number);
  }
  return numbers;
}
