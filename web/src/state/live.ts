// The live link. Promise: after any gap, reconnection or silence the page catches up by itself, and while the link is
// down it polls and says so.
import { type Api, ApiError } from "../api";
import type { LiveMessage, PostSummary } from "../types";
import type { LinkState } from "./store";

/** The part of a WebSocket that is used here. */
export interface Socket {
  send(data: string): void;
  close(): void;
  onopen: ((event: Event) => unknown) | null;
  onmessage: ((event: MessageEvent) => unknown) | null;
  onclose: ((event: CloseEvent) => unknown) | null;
}

export interface LiveParts {
  api: Pick<Api, "ticket" | "changes">;
  connect: (address: string) => Socket;
  onPosts: (posts: readonly PostSummary[]) => void;
  /** The gap is longer than the server remembers: read the queue again. */
  onReset: () => void;
  onState: (state: LinkState) => void;
  onError: (error: unknown) => void;
}

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;
const POLL_MS = 5000;
/** A sign of life: the server looks again whether the sign-in behind the line lives. Suspension holds within a minute. */
const PING_MS = 50_000;
/** Every so many signs of life it asks what changed, in case a message was lost. */
const PINGS_A_QUESTION = 5;

export class Live {
  private socket: Socket | null = null;
  private cursor: string | null = null;
  private readonly seen = new Map<string, number>();
  private retryMs = FIRST_RETRY_MS;
  private timers = new Set<ReturnType<typeof setTimeout>>();
  private poll: ReturnType<typeof setInterval> | null = null;
  private ping: ReturnType<typeof setInterval> | null = null;
  private stopped = true;
  private catching: Promise<void> | null = null;
  private catchAgain = false;

  constructor(private readonly parts: LiveParts) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.parts.onState("connecting");
    void this.open();
  }

  stop(): void {
    this.stopped = true;
    this.socket?.close();
    this.socket = null;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.stopPolling();
    if (this.ping !== null) clearInterval(this.ping);
    this.ping = null;
    this.cursor = null;
    this.seen.clear();
  }

  /** The browser says that the network is back: do not wait for the next attempt. */
  hurry(): void {
    if (this.stopped || this.socket !== null) return;
    this.retryMs = FIRST_RETRY_MS;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    void this.open();
  }

  private async open(): Promise<void> {
    try {
      const ticket = await this.parts.api.ticket();
      if (this.stopped || this.socket !== null) return;
      this.cursor ??= ticket.cursor;
      const address = new URL(ticket.url, globalThis.location?.href);
      address.searchParams.set("ticket", ticket.ticket);
      this.listen(this.parts.connect(address.href));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.parts.onError(error);
      else this.lost();
    }
  }

  private listen(socket: Socket): void {
    this.socket = socket;
    socket.onopen = () => {
      this.retryMs = FIRST_RETRY_MS;
      this.seen.clear();
      this.stopPolling();
      this.parts.onState("live");
      let pings = 0;
      this.ping = setInterval(() => {
        socket.send(JSON.stringify({ type: "ping" }));
        pings += 1;
        if (pings % PINGS_A_QUESTION === 0) void this.catchUp();
      }, PING_MS);
      // What happened between the ticket and the open socket was sent to nobody.
      void this.catchUp();
    };
    socket.onmessage = (event) => this.take(String(event.data));
    socket.onclose = () => {
      if (this.socket === socket) this.lost();
    };
  }

  private take(data: string): void {
    let message: LiveMessage;
    try {
      message = JSON.parse(data) as LiveMessage;
    } catch {
      void this.catchUp();
      return;
    }
    if (message.type !== "posts") return;
    const last = this.seen.get(message.account);
    this.seen.set(message.account, Math.max(last ?? 0, message.seq));
    this.parts.onPosts(message.posts);
    // Nothing in it means: too large for this line, ask.
    const missed = last !== undefined && message.seq > last + 1;
    if (missed || message.posts.length === 0) void this.catchUp();
  }

  private lost(): void {
    if (this.ping !== null) clearInterval(this.ping);
    this.ping = null;
    this.socket = null;
    if (this.stopped) return;
    this.parts.onState("lost");
    if (this.poll === null) this.poll = setInterval(() => void this.catchUp(), POLL_MS);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void this.open();
    }, this.retryMs);
    this.timers.add(timer);
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }

  private stopPolling(): void {
    if (this.poll !== null) clearInterval(this.poll);
    this.poll = null;
  }

  /** Ask for what changed since the last known point; one question at a time, none forgotten. */
  private catchUp(): Promise<void> {
    if (this.catching !== null) {
      this.catchAgain = true;
      return this.catching;
    }
    this.catching = this.readChanges().finally(() => {
      this.catching = null;
      if (this.catchAgain && !this.stopped) {
        this.catchAgain = false;
        void this.catchUp();
      }
    });
    return this.catching;
  }

  private async readChanges(): Promise<void> {
    if (this.cursor === null) return;
    try {
      const { posts, cursor, reset } = await this.parts.api.changes(this.cursor);
      if (this.stopped) return;
      this.cursor = cursor;
      if (reset) this.parts.onReset();
      this.parts.onPosts(posts);
    } catch (error) {
      // An unreachable server is already said by the state of the link; only the end of the session is news.
      if (error instanceof ApiError && error.status === 401) this.parts.onError(error);
    }
  }
}
