import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorRecord, InvalidInputError } from '@tandem/core';
import {
  announcementLine,
  CpufreqActuator,
  coderThread,
  collectEarly,
  FileSensor,
  folderStore,
  followParent,
  liveDescription,
  MachineActuator,
  MachineSensor,
  NvpmodelActuator,
  ortExecutor,
  QuotaActuator,
  recoverClocks,
  sockets,
  systemClock,
  systemClockName,
  thisMachine,
} from '@tandem/node';
import {
  type Actuator,
  type DeviceSensor,
  eitherActuator,
  Pace,
  pacedExecutor,
  SpareBuffers,
  startAgent,
} from '@tandem/runtime';
import type { AgentFlags, ClockSetter } from '../flags.ts';
import type { Output } from '../output.ts';
import { stopSignal } from '../stop-signal.ts';
import { readToken } from './read-token.ts';

/** `tandem agent`: serves until it is stopped or, started by another tandem, until that one ends. */
export async function agentCommand(flags: AgentFlags, output: Output): Promise<void> {
  collectEarly();
  const stopped = stopSignal();
  const { token, signal } = await credentials(flags, stopped);
  const temporary = flags.store === undefined ? await mkdtemp(join(tmpdir(), 'tandem-segments-')) : null;
  const store = folderStore(temporary ?? flags.store ?? '', { temporary: temporary !== null });
  const spare = new SpareBuffers();
  const coder = coderThread({ spare });
  const pace = new Pace();
  const machine = flags.clocks === undefined ? null : clockActuator(flags.clocks, output);
  if (machine !== null) await recover(output);
  const sensor = await sensorOf(flags);
  const executor = pacedExecutor(ortExecutor({ spare }), systemClock, {
    pace,
    onOverrun: ({ paceSeconds, tookSeconds }) =>
      output.progress(
        `a stage took ${tookSeconds.toFixed(3)} s, longer than the ${paceSeconds.toFixed(3)} s of the device that this one imitates`,
      ),
  });
  try {
    const agent = await startAgent({
      address: flags.listen,
      transport: sockets({ spare }),
      spare,
      executor,
      coder,
      store,
      clock: systemClock,
      clockName: systemClockName(),
      token,
      pid: process.pid,
      describe: liveDescription(signal),
      actuator: eitherActuator(pace, machine),
      sensor,
      log: output.progress,
    });
    announce(flags, output, agent.address);
    await Promise.race([aborted(signal), agent.closed]);
    await agent.close();
  } finally {
    await executor.close();
    await coder.close();
    await store.close();
    if (temporary !== null) await rm(temporary, { recursive: true, force: true });
  }
}

function clockActuator(by: NonNullable<AgentFlags['clocks']>, { progress }: Output): Actuator {
  const environment = thisMachine();
  const known: Readonly<Record<ClockSetter, Actuator>> = {
    cpufreq: new CpufreqActuator(environment),
    nvpmodel: new NvpmodelActuator(environment),
    quota: new QuotaActuator(environment),
  };
  return by === 'any' ? new MachineActuator(Object.values(known), progress) : known[by];
}

/** An agent that another tandem started may imitate any device: how hot this machine is says nothing of that. */
async function sensorOf({ sensors, parent }: AgentFlags): Promise<DeviceSensor | null> {
  if (sensors === undefined) return parent === true ? null : new MachineSensor();
  const sensor = new FileSensor(sensors);
  await sensor.read();
  return sensor;
}

/** An agent that was killed may have left the machine slower than it found it; where that cannot be mended it is said. */
async function recover({ progress }: Output): Promise<void> {
  try {
    for (const done of await recoverClocks()) progress(done);
  } catch (error) {
    progress(errorRecord(error).message);
  }
}

interface Credentials {
  readonly token: string;
  /** Aborts when the agent has to end. */
  readonly signal: AbortSignal;
}

async function credentials(flags: AgentFlags, stopped: AbortSignal): Promise<Credentials> {
  if (flags.parent === true) {
    const lifeline = await followParent(process.stdin);
    return { token: lifeline.token, signal: AbortSignal.any([stopped, lifeline.gone]) };
  }
  if (flags.token !== undefined) return { token: await readToken(flags.token), signal: stopped };
  throw new InvalidInputError(
    'no token was given, and an agent serves only those who know it',
    'Write one with (umask 077; head -c 32 /dev/urandom | base64 > token) and give --token token.',
  );
}

function announce(flags: AgentFlags, output: Output, address: string): void {
  const announcement = { address, pid: process.pid };
  if (flags.parent === true) process.stdout.write(announcementLine(announcement));
  else output.answer(announcement, () => `listening on ${address} (process ${process.pid}); Ctrl-C ends it`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
