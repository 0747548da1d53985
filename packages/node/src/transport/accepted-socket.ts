import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** What the constructor takes besides what its types say. */
type HandleOptions = SocketConstructorOpts & { readonly handle: unknown; readonly onread: OnReadOpts };

/**
 * The connection that a server has accepted, paused, as a socket that reads into buffers of ours. Node offers that for sockets that dial and
 * for new ones, but not for those of a server; so a new one takes the handle of the accepted one, which is over then, as Node itself
 * does when it sends a socket to another process.
 */
export function acceptedSocket(accepted: Socket, onread: OnReadOpts): Socket {
  const handle: unknown = Reflect.get(accepted, '_handle');
  Reflect.set(accepted, '_handle', null);
  accepted.destroy();
  const options: HandleOptions = { handle, onread };
  return new Socket(options);
}
