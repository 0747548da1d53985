/**
 * Moves frames between two processes, in order, at most once. Implementations: memory (here), TCP (node). A frame is a JSON-able
 * header, encoded by wire/, and a body that is never looked into. Implementations own framing and bound every length before
 * allocating (`FrameLimits`).
 */
export interface Transport {
  readonly name: string;
  /** Opens an address for others; `onConnection` is called once for each peer, before any of its frames is delivered. */
  listen(
    address: string,
    onConnection: (connection: Connection) => void,
    options: ListenOptions,
  ): Promise<Listener>;
  /** Throws ConnectionError when nobody answers, the signal's reason when aborted. */
  dial(address: string, options: DialOptions): Promise<Connection>;
}

export interface ListenOptions {
  readonly limits: FrameLimits;
}

export interface DialOptions {
  readonly limits: FrameLimits;
  readonly signal: AbortSignal;
}

export interface FrameLimits {
  readonly headerBytes: number;
  readonly bodyBytes: number;
}

export interface Listener {
  /** With the port that was really bound. */
  readonly address: string;
  /** Stops listening and closes the connections that it accepted; idempotent. */
  close(): Promise<void>;
}

export interface Connection {
  /** For messages to people: the peer's address. */
  readonly peer: string;
  /**
   * Resolves when the peer's side has room for more (back-pressure); the caller leaves the buffers alone until then.
   * Throws ConnectionError once the connection is closed, the signal's reason when aborted before the frame began.
   */
  send(frame: Frame, signal: AbortSignal): Promise<void>;
  /** What the peer may send from its next frame on, once it is known: strangers get less. Takes the place of the limits so far. */
  allow(limits: FrameLimits): void;
  /** The next frame, in order; null after an orderly close. Throws ConnectionError or ProtocolError after any other end. */
  receive(signal: AbortSignal): Promise<Frame | null>;
  /** Idempotent; pending receives at both ends resolve null after what was already sent. */
  close(): Promise<void>;
  /** Ends at once: what is unsent is dropped, pending calls at both ends throw ConnectionError. Idempotent. */
  abort(): void;
}

export interface Frame {
  readonly header: Uint8Array;
  /** Owned by the receiver: its buffer holds nothing else. Empty when there is no body. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Of a frame that came: from its first byte's coming to its last's. Absent where the transport cannot tell. */
  readonly receivedSeconds?: number;
}
