import { readFileSync } from 'node:fs';

// Loaded into an agent's process before the agent (`node --import`): has its wall clock differ from this machine's by the seconds that a file
// says, read again at SIGUSR2. Timers and the monotonic clock go on, as they do when somebody sets the clock of a machine.

const file = new URL(new URL(import.meta.url).searchParams.get('ahead') ?? '');
let aheadMilliseconds = 0;

function read(): void {
  aheadMilliseconds = 1000 * Number(readFileSync(file, 'utf8'));
}

const real = Date;
const now = (): number => real.now() + aheadMilliseconds;

globalThis.Date = new Proxy(real, {
  apply: () => new real(now()).toString(),
  construct: (date, given, target) => {
    const made: unknown = Reflect.construct(date, given.length === 0 ? [now()] : given, target);
    if (made instanceof real) return made;
    throw new TypeError('a date was made that is none');
  },
  get: (date, key): unknown => (key === 'now' ? now : Reflect.get(date, key)),
});

read();
process.on('SIGUSR2', read);
