import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { ConnectionError } from '@tandem/core';

const loopback = '127.0.0.1';

/**
 * The address of this machine at which the agents at `addresses` ('HOST:PORT' or 'ws://HOST:PORT') can reach it: loopback when all of them are on this
 * machine, else the interface that leads to the first one elsewhere. Nothing is sent. Throws ConnectionError when no route leads there.
 */
export async function reachableAddress(addresses: readonly string[]): Promise<string> {
  for (const address of addresses) {
    const local = await localAddressTowards(address);
    if (local !== loopback && local !== '::1') return local;
  }
  return loopback;
}

function localAddressTowards(address: string): Promise<string> {
  const { host, port } = hostAndPort(address);
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  return new Promise<string>((resolve, reject) => {
    socket.once('error', (cause) =>
      reject(
        new ConnectionError(
          `no route leads from here to ${address}: ${cause.message}`,
          "Check the device's address in the cluster file and the network.",
          { cause },
        ),
      ),
    );
    socket.connect(port, host, () => resolve(socket.address().address));
  }).finally(() => socket.close());
}

function hostAndPort(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return {
    host: address.slice(0, colon).replace(/^(ws:\/\/)?\[?|\]$/g, ''),
    port: Number(address.slice(colon + 1)),
  };
}
