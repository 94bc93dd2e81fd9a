/**
 * What the pages use of socket.io-client 4.8.4, and no more.
 *
 * `Listen` is the map of events that the server sends, `Emit` of those that the page sends; each value is
 * a listener's signature. Without them every argument is `unknown`, to be checked before use.
 */

// biome-ignore lint/suspicious/noExplicitAny: an argument list of any length, as in lib.es5.d.ts `Parameters`
type Listener = (...args: any[]) => void;
type Untyped = { [event: string]: (...args: unknown[]) => void };
type Named<E> = { [K in keyof E]: Listener };

export type DisconnectReason =
  | "io server disconnect"
  | "io client disconnect"
  | "ping timeout"
  | "transport close"
  | "transport error"
  | "parse error";

/** A `connect_error`: `data` is what the server refused the connection with, when it did. */
export interface ConnectError extends Error {
  data?: unknown;
}

export type Auth = { [key: string]: unknown } | ((give: (data: object) => void) => void);
export type TransportName = "polling" | "websocket" | "webtransport";

export interface Options {
  path?: string;
  transports?: TransportName[];
  auth?: Auth;
  query?: { [key: string]: string };
  autoConnect?: boolean;
  forceNew?: boolean;
  multiplex?: boolean;
  reconnection?: boolean;
  reconnectionAttempts?: number;
  reconnectionDelay?: number;
  reconnectionDelayMax?: number;
  randomizationFactor?: number;
  /** Milliseconds that one attempt to connect may take. */
  timeout?: number;
  ackTimeout?: number;
  retries?: number;
  upgrade?: boolean;
  rememberUpgrade?: boolean;
  tryAllTransports?: boolean;
  withCredentials?: boolean;
  closeOnBeforeunload?: boolean;
}

interface SocketEvents {
  connect: () => void;
  connect_error: (error: ConnectError) => void;
  disconnect: (reason: DisconnectReason, description?: unknown) => void;
}

interface ManagerEvents {
  open: () => void;
  /** The server's Engine.IO ping came in. */
  ping: () => void;
  packet: (packet: { readonly type: number; readonly data?: unknown }) => void;
  error: (error: Error) => void;
  close: (reason: string, description?: unknown) => void;
  reconnect: (attempt: number) => void;
  reconnect_attempt: (attempt: number) => void;
  reconnect_error: (error: Error) => void;
  reconnect_failed: () => void;
}

interface EngineEvents {
  packet: (packet: { readonly type: string; readonly data?: unknown }) => void;
  packetCreate: (packet: { readonly type: string; readonly data?: unknown }) => void;
  drain: () => void;
  upgrade: (transport: { readonly name: TransportName }) => void;
  close: (reason: string, description?: unknown) => void;
}

interface Emitter<E extends Named<E>> {
  on<K extends keyof E>(event: K, listener: E[K]): this;
  once<K extends keyof E>(event: K, listener: E[K]): this;
  off<K extends keyof E>(event?: K, listener?: E[K]): this;
}

/** The Engine.IO connection under a manager; there is a new one after each reconnection. */
export interface Engine extends Emitter<EngineEvents> {
  readonly id?: string;
  readonly readyState: "opening" | "open" | "closing" | "closed";
  readonly transport: { readonly name: TransportName };
  close(): this;
}

/** Keeps one connection and opens it again when it is lost. */
export interface Manager extends Emitter<ManagerEvents> {
  readonly engine: Engine;
  reconnection(): boolean;
  reconnection(value: boolean): this;
}

type Args<E, K extends keyof E> = E[K] extends (...args: infer A) => void ? A : never;
type WithoutAck<A extends unknown[]> = A extends [...infer Rest, Listener] ? Rest : A;
type AckOf<A extends unknown[]> = A extends [...unknown[], (answer: infer R) => void] ? R : unknown;

/** What `timeout()` gives: an acknowledgement that may fail for lack of an answer. */
export interface TimedEmit<Emit extends Named<Emit>> {
  emit<K extends keyof Emit>(
    event: K,
    ...args: [...WithoutAck<Args<Emit, K>>, (error: Error | null, answer: AckOf<Args<Emit, K>>) => void]
  ): this;
  emitWithAck<K extends keyof Emit>(
    event: K,
    ...args: WithoutAck<Args<Emit, K>>
  ): Promise<AckOf<Args<Emit, K>>>;
}

export interface Socket<Listen extends Named<Listen> = Untyped, Emit extends Named<Emit> = Listen> {
  readonly id: string | undefined;
  readonly connected: boolean;
  readonly disconnected: boolean;
  /** Whether it is connected, or will connect again by itself. */
  readonly active: boolean;
  readonly recovered: boolean;
  readonly io: Manager;
  /** Drops the next event when there is no connection, instead of keeping it. */
  readonly volatile: this;
  auth: Auth;
  connect(): this;
  disconnect(): this;
  timeout(milliseconds: number): TimedEmit<Emit>;
  emit<K extends keyof Emit>(event: K, ...args: Args<Emit, K>): this;
  emitWithAck<K extends keyof Emit>(
    event: K,
    ...args: WithoutAck<Args<Emit, K>>
  ): Promise<AckOf<Args<Emit, K>>>;
  on<K extends keyof SocketEvents>(event: K, listener: SocketEvents[K]): this;
  on<K extends keyof Listen>(event: K, listener: Listen[K]): this;
  once<K extends keyof SocketEvents>(event: K, listener: SocketEvents[K]): this;
  once<K extends keyof Listen>(event: K, listener: Listen[K]): this;
  off<K extends keyof SocketEvents>(event: K, listener?: SocketEvents[K]): this;
  off<K extends keyof Listen>(event?: K, listener?: Listen[K]): this;
  onAny(listener: (event: string, ...args: unknown[]) => void): this;
  offAny(listener?: (event: string, ...args: unknown[]) => void): this;
}

export function io<Listen extends Named<Listen> = Untyped, Emit extends Named<Emit> = Listen>(
  url: string,
  options?: Options,
): Socket<Listen, Emit>;
