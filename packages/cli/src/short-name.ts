/** `name` in at most `width` characters: the middle gives way, since names differ at their ends; control characters become '?'. */
export function shortName(name: string, width: number): string {
  const printable = name.replace(/\p{Cc}/gu, '?');
  if (printable.length <= width) return printable;
  const front = Math.ceil((width - 1) / 2);
  return `${printable.slice(0, front)}…${printable.slice(printable.length - (width - 1 - front))}`;
}
