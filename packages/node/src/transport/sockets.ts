import type { Transport } from '@tandem/runtime';
import { type TcpOptions, tcp } from './tcp.ts';
import { isWebSocketAddress, webSocket } from './web-socket.ts';

/** TCP and WebSocket as one: 'ws://HOST:PORT' is spoken to by WebSocket, 'HOST:PORT' by TCP. */
export function sockets(options: TcpOptions = {}): Transport {
  const [plain, web] = [tcp(options), webSocket(options)];
  const of = (address: string): Transport => (isWebSocketAddress(address) ? web : plain);
  return {
    name: 'sockets',
    listen: (address, onConnection, options) => of(address).listen(address, onConnection, options),
    dial: (address, options) => of(address).dial(address, options),
  };
}
