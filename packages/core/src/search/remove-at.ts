/** Takes one item out. The last, which it often is, goes without the array of what was taken out that `splice` makes. */
export function removeAt(items: unknown[], place: number): void {
  if (place === items.length - 1) items.pop();
  else items.splice(place, 1);
}
