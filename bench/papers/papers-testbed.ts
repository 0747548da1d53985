import { randomBytes } from 'node:crypto';
import { LineProcess, tsxProgram } from '../pipeline/line-process.ts';
import { gatewayHost } from '../pipeline/pipeline-case.ts';
import { startTestbedAgent } from '../pipeline/testbed-agent.ts';
import { openTestbed } from '../testbed/testbed.ts';

/** Payload of a full Ethernet frame over TCP with time stamps, and the frame: links are shaped by what is on the wire. */
const payloadShare = 1448 / 1514;

/** A device that takes longer than what it imitates shows nothing: this machine was busy with something else. */
export const mostSlowdown: number = 1.05;

/** How agents are reached from the gateway's host. */
export interface AgentReach {
  readonly addresses: Readonly<Record<string, string>>;
  readonly token: string;
}

/** The papers' end device and server as agents, and a program on the gateway's host. */
export interface PapersTestbed {
  readonly gateway: LineProcess;
  readonly reach: AgentReach;
  /** From now on the link between end device and server carries so much payload in the paper's time, in both directions. */
  setRate(megabitsPerSecond: number): void;
}

export interface PapersTestbedOptions {
  /** Of the link at first, payload in the paper's time. */
  readonly megabitsPerSecond: number;
  /** How many times slower than the paper everything is. */
  readonly slowMotion: number;
  /** A TypeScript file that answers lines of JSON. */
  readonly program: URL;
  readonly signal: AbortSignal;
}

/** A testbed, agents and a gateway of its own for each measurement, so that an interrupted bench loses one; all gone when `body` has ended. */
export async function withPapersTestbed<Result>(
  { megabitsPerSecond, slowMotion, program, signal }: PapersTestbedOptions,
  body: (testbed: PapersTestbed) => Promise<Result>,
): Promise<Result> {
  const onWire = (megabits: number): number => megabits / slowMotion / payloadShare;
  const hosts = ['end', 'cloud'];
  const testbed = await openTestbed({
    name: 'the papers’ pipelines',
    hosts: [gatewayHost, ...hosts].map((id) => ({ id })),
    links: [
      ...hosts.map((id) => ({ between: [gatewayHost, id] as [string, string] })),
      { between: ['end', 'cloud'], megabitsPerSecond: onWire(megabitsPerSecond) },
    ],
  });
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const token = randomBytes(32).toString('base64url');
    const addresses: Record<string, string> = {};
    for (const host of hosts) {
      const agent = await startTestbedAgent(testbed, host, token, signal);
      stops.push(() => agent.stop());
      addresses[host] = agent.address;
    }
    const started = testbed.exec(gatewayHost, tsxProgram(program), { stdio: 'pipe', signal });
    const gateway = new LineProcess(started);
    stops.push(() => gateway.stop());
    const setRate = (megabits: number): void => {
      testbed.setRate({ from: 'end', to: 'cloud' }, onWire(megabits));
      testbed.setRate({ from: 'cloud', to: 'end' }, onWire(megabits));
    };
    return await body({ gateway, reach: { addresses, token }, setRate });
  } finally {
    await Promise.all(stops.map((stop) => stop()));
    await testbed.close();
  }
}
