import { spawnSync } from 'node:child_process';
import { ResourceError } from '@tandem/core';
import { directionsOf, type Scenario } from './scenario.ts';

/** Where the kernel names network namespaces. */
export const namespaceFolder = '/run/netns';

/** The one address of a host, whatever link it is reached by. Testbeds do not see each other, so all use the same ones. */
export const addressOf = (scenario: Scenario, host: string): string => {
  const index = scenario.hosts.findIndex((candidate) => candidate.id === host);
  if (index < 0)
    throw new ResourceError(`no host '${host}' in ${scenario.name}`, 'Use an id of the scenario.');
  return `10.213.0.${index + 1}`;
};

/** Makes the namespaces of all hosts, `prefix` before each name. */
export function addHosts(scenario: Scenario, prefix: string): void {
  for (const { id } of scenario.hosts) {
    const namespace = prefix + id;
    command(['ip', 'netns', 'add', namespace]);
    command(['ip', '-n', namespace, 'link', 'set', 'lo', 'up']);
    command(['ip', '-n', namespace, 'address', 'add', `${addressOf(scenario, id)}/32`, 'dev', 'lo']);
    // Else a connection that rested starts slowly again and its next tensor looks slower than the link.
    inNamespace(namespace, 'echo 0 > /proc/sys/net/ipv4/tcp_slow_start_after_idle');
  }
}

/** Joins the hosts: one pair of virtual Ethernet ends a link, each end shaping what leaves by it. */
export function addLinks(scenario: Scenario, prefix: string): void {
  scenario.links.forEach(({ between: [first, second] }, index) => {
    const peer = `peer name link${index} netns ${prefix}${second}`;
    command(`ip link add name link${index} netns ${prefix}${first} type veth ${peer}`.split(' '));
  });
  directionsOf(scenario).forEach(({ from, to, megabitsPerSecond }, index) => {
    const end = `link${Math.floor(index / 2)}`;
    addEnd(prefix + from, end, addressOf(scenario, from), addressOf(scenario, to), megabitsPerSecond);
  });
}

function addEnd(
  namespace: string,
  end: string,
  address: string,
  peer: string,
  megabits: number | undefined,
): void {
  command(['ip', '-n', namespace, 'link', 'set', end, 'up']);
  command(`ip -n ${namespace} route add ${peer}/32 dev ${end} src ${address}`.split(' '));
  if (megabits !== undefined) shape('add', namespace, end, megabits);
}

function shape(how: 'add' | 'change', namespace: string, end: string, megabits: number): void {
  const rate = `rate ${Math.round(megabits * 1e6)}bit burst ${burstBytes(megabits)} limit 8mb`;
  command(`tc -n ${namespace} qdisc ${how} dev ${end} root tbf ${rate}`.split(' '));
}

/** Gives one direction of a shaped link another rate; what waits in its queue stays there. */
export function changeRate(
  scenario: Scenario,
  prefix: string,
  way: { readonly from: string; readonly to: string },
  megabits: number,
): void {
  const index = directionsOf(scenario).findIndex(({ from, to }) => from === way.from && to === way.to);
  if (index < 0 || directionsOf(scenario)[index]?.megabitsPerSecond === undefined)
    throw new ResourceError(
      `no shaped link from '${way.from}' to '${way.to}'`,
      'Give it a rate to begin with.',
    );
  shape('change', prefix + way.from, `link${Math.floor(index / 2)}`, megabits);
}

/**
 * Token bucket sizes that keep goodput within 0.95–0.98 of the rate. What the bucket holds leaves at once, so short transfers look
 * too fast: one packet of 1500 bytes is the least that it can hold. One that is too small starves fast links between two ticks.
 */
function burstBytes(megabitsPerSecond: number): number {
  if (megabitsPerSecond <= 20) return 1600;
  if (megabitsPerSecond <= 50) return 3200;
  if (megabitsPerSecond <= 100) return 4096;
  return Math.ceil((megabitsPerSecond / 100) * 16384);
}

/** Removes a namespace and, with it, its ends of links. True when it is gone. */
export function removeNamespace(name: string): boolean {
  const done = spawnSync('ip', ['netns', 'del', name], { encoding: 'utf8' });
  return done.status === 0 || done.stderr.includes('No such file');
}

/** Processes whose network is this namespace. */
export function processesIn(name: string): number[] {
  const done = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
  return done.status === 0 ? done.stdout.split(/\s+/).filter(Boolean).map(Number) : [];
}

function inNamespace(namespace: string, script: string): void {
  command(['nsenter', `--net=${namespaceFolder}/${namespace}`, 'sh', '-c', script]);
}

function command([name = '', ...rest]: readonly string[]): void {
  const done = spawnSync(name, rest, { encoding: 'utf8' });
  if (done.status === 0) return;
  const fault = done.error?.message ?? done.stderr.trim();
  throw new ResourceError(
    `'${[name, ...rest].join(' ')}' failed: ${fault}`,
    'Run as root on a kernel with network namespaces, veth and tbf.',
  );
}
