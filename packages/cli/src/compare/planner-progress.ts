/** Says which planner is at work once the work has taken two seconds, and from then on at each turn. */
export function plannerProgress(
  count: number,
  progress: (line: string) => void,
): { readonly asking: (name: string) => void; readonly stop: () => void } {
  let turn = 0;
  let current = '';
  let isSlow = false;
  const say = (): void => progress(`planner ${turn} of ${count}: ${current}`);
  const timer = setTimeout(() => {
    isSlow = true;
    say();
  }, 2000);
  return {
    asking: (name) => {
      turn++;
      current = name;
      if (isSlow) say();
    },
    stop: () => clearTimeout(timer),
  };
}
