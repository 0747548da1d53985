/** Passes lines on once two seconds have gone by, at most one every two seconds. */
export function slowLines(progress: (line: string) => void): (line: string) => void {
  let last = Date.now();
  return (line) => {
    if (Date.now() - last < 2000) return;
    last = Date.now();
    progress(line);
  };
}
