import { ConnectionError, InvalidInputError, ResourceError, type TandemError } from '@tandem/core';
import { lostError } from '@tandem/runtime';

/** What a failed attempt to reach `address` means. */
export function dialError(address: string, cause: unknown): TandemError {
  const code = codeOf(cause);
  return new ConnectionError(
    `${address} cannot be reached: ${dialReasons[code] ?? code}`,
    'Check that the peer runs, that the address is right, and that no firewall is in between.',
    { cause },
  );
}

const dialReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'the host does not answer',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to its network',
};

/** What a failed attempt to listen at `address` means. */
export function listenError(address: string, cause: unknown): TandemError {
  const code = codeOf(cause);
  if (code === 'EADDRINUSE')
    return new ResourceError(`somebody listens at ${address} already`, 'Choose another port.', { cause });
  return new InvalidInputError(
    `cannot listen at ${address}: ${code}`,
    'Choose an address of this machine and a port that you may open.',
    { cause },
  );
}

/** What the failure of a connection that was open means. */
export function brokenError(peer: string, cause: unknown): ConnectionError {
  const code = codeOf(cause);
  return lostError(peer, code === 'ECONNRESET' || code === 'EPIPE' ? 'the peer broke it off' : code, cause);
}

function codeOf(cause: unknown): string {
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return String(cause);
}
