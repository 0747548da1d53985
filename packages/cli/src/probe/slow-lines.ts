/** Passes lines on once two seconds have gone by, at most one every two seconds. */
export function slowLines(progress: (line: string) => void): (line: string) => void {
  let last = performance.now();
  return (line) => {
    if (performance.now() - last < 2000) return;
    last = performance.now();
    progress(line);
  };
}
