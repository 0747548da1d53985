/** Passes lines on once two seconds have gone by, at most one every two seconds; the last one whenever it comes. */
export function slowLines(progress: (line: string) => void): (line: string, isLast?: boolean) => void {
  let last = performance.now();
  return (line, isLast = false) => {
    if (!isLast && performance.now() - last < 2000) return;
    last = performance.now();
    progress(line);
  };
}
