import {
  type BandwidthEstimate,
  type DeviceId,
  expectedBitsPerSecond,
  type Seconds,
  withTransfer,
} from '@tandem/core';
import { keepNewest } from '../keep-newest.ts';

/** One transfer, as far as sender and receiver have told of it. */
interface Transfer {
  sent: { readonly bytes: number; readonly seconds: number } | null;
  /** 0 where the receiver cannot tell. */
  receivedSeconds: number | null;
}

/** Transfers of which one of the two has told; the oldest are forgotten first, since of one that failed the other never tells. */
const mostTransfers = 4096;

/**
 * The rates of the ways out of a device, from its own transfers. How long one took is the longer of what sender and receiver saw: what is
 * sent can lie in a buffer long after the sender has let go of it, and a paced link delays it before it leaves.
 */
export class LinkRates {
  readonly #estimates: Map<DeviceId, BandwidthEstimate | null> = new Map();
  readonly #transfers: Map<string, Transfer> = new Map();

  sent(to: DeviceId, request: number, tensor: string, bytes: number, seconds: number): void {
    this.#learn(to, key(to, request, tensor), { sent: { bytes, seconds } });
  }

  /** The receiver has it, and saw its bytes come for so long. It can say so before the sender knows that all has left. */
  acknowledged(from: DeviceId, request: number, tensor: string, receivedSeconds: Seconds | null): void {
    this.#learn(from, key(from, request, tensor), { receivedSeconds: receivedSeconds ?? 0 });
  }

  /** Null before the first transfer. */
  bitsPerSecond(to: DeviceId): number | null {
    return expectedBitsPerSecond(this.#estimates.get(to) ?? null);
  }

  #learn(peer: DeviceId, name: string, told: Partial<Transfer>): void {
    const transfer = { sent: null, receivedSeconds: null, ...this.#transfers.get(name), ...told };
    const { sent, receivedSeconds } = transfer;
    if (sent === null || receivedSeconds === null) {
      this.#transfers.set(name, transfer);
      keepNewest(this.#transfers, mostTransfers);
      return;
    }
    this.#transfers.delete(name);
    const occupied = Math.max(sent.seconds, receivedSeconds);
    this.#estimates.set(peer, withTransfer(this.#estimates.get(peer) ?? null, sent.bytes, occupied));
  }
}

const key = (device: DeviceId, request: number, tensor: string): string =>
  JSON.stringify([device, request, tensor]);
