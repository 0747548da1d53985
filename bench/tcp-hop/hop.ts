/** A connection to a peer that answers every tensor with a short acknowledgement. */
export interface Hop {
  /** Resolves when the tensor was handed to the network. */
  send(tensor: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Resolves with the next acknowledgement. */
  acknowledged(): Promise<void>;
  close(): Promise<void>;
}

/** Sends `count` tensors with at most `inFlight` unacknowledged; returns the seconds until the last acknowledgement. */
export async function drive(
  hop: Hop,
  tensor: Uint8Array<ArrayBuffer>,
  count: number,
  inFlight: number,
): Promise<number> {
  const start = performance.now();
  const sending: Promise<void>[] = [];
  for (let sent = 0; sent < count; sent++) {
    if (sent >= inFlight) await hop.acknowledged();
    sending.push(hop.send(tensor));
  }
  for (let left = Math.min(count, inFlight); left > 0; left--) await hop.acknowledged();
  await Promise.all(sending);
  return (performance.now() - start) / 1000;
}
