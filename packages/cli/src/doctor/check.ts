/** What `doctor` found about one thing that Tandem needs or can use. */
export interface Finding {
  readonly name: string;
  /** 'warn': Tandem runs, but something is slower or cannot be done. 'fail': it cannot run models here. */
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was found, in a few words. */
  readonly found: string;
  /** What to do; null when all is well. */
  readonly remedy: string | null;
}

/** One thing to look at. `look` returns what it found or throws. */
export interface Check {
  readonly name: string;
  /** What a failure means for the whole. */
  readonly severity: 'warn' | 'fail';
  readonly remedy: string;
  look(signal: AbortSignal): Promise<Look>;
}

interface Look {
  readonly found: string;
  /** False when it works but not well; the check's remedy is shown. @default true */
  readonly well?: boolean;
}

/** Turns a check's answer into a finding: it never throws, and it waits at most `deadlineMilliseconds`. */
export async function examine(check: Check, deadlineMilliseconds: number): Promise<Finding> {
  const { name, remedy } = check;
  try {
    const { found, well = true } = await withDeadline(check, deadlineMilliseconds);
    return well ? { name, status: 'ok', found, remedy: null } : { name, status: 'warn', found, remedy };
  } catch (error) {
    const found = error instanceof Error ? firstLine(error.message) : String(error);
    return { name, status: check.severity, found, remedy };
  }
}

async function withDeadline(check: Check, milliseconds: number): Promise<Look> {
  const end = new AbortController();
  const late = new Promise<never>((_, reject) => {
    end.signal.addEventListener('abort', () =>
      reject(new Error(`no answer within ${milliseconds / 1000} s`)),
    );
  });
  const timer = setTimeout(() => end.abort(), milliseconds);
  try {
    return await Promise.race([check.look(end.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
