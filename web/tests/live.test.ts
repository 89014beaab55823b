import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../src/api";
import { Live, type Socket } from "../src/state/live";
import type { Changes, PostSummary } from "../src/types";
import { post } from "./factory";

class FakeSocket implements Socket {
  onopen: Socket["onopen"] = null;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  readonly sent: string[] = [];
  constructor(readonly address: string) {}
  send(data: string): void { this.sent.push(data); }
  close(): void { this.drop(); }
  open(): void { this.onopen?.({} as Event); }
  drop(): void { this.onclose?.({} as CloseEvent); }
  say(account: string, seq: number, posts: PostSummary[]): void {
    this.onmessage?.({ data: JSON.stringify({ type: "posts", account, seq, posts }) } as MessageEvent);
  }
}

const TICKET = { ticket: "t 1", url: "wss://desk.example/ws", expires_at: "", cursor: "c0" };

function link(changes: (since: string) => Promise<Changes> = async () => ({ posts: [], cursor: "c1", reset: false })) {
  const sockets: FakeSocket[] = [];
  const asked = vi.fn(changes);
  const states: string[] = [];
  const arrived: string[] = [];
  const onReset = vi.fn();
  const onError = vi.fn();
  const ticket = vi.fn(async () => TICKET);
  const live = new Live({
    api: { ticket, changes: asked },
    connect: (address) => {
      const socket = new FakeSocket(address);
      sockets.push(socket);
      return socket;
    },
    onPosts: (posts) => arrived.push(...posts.map(({ id }) => id)),
    onReset, onError,
    onState: (state) => states.push(state),
  });
  return { live, sockets, asked, states, arrived, onReset, onError, ticket };
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the live link", () => {
  it("connects with the ticket and catches up on what fell in between", async () => {
    const { live, sockets, asked, states } = link();
    live.start();
    await settle();
    expect(sockets[0]?.address).toBe("wss://desk.example/ws?ticket=t+1");
    sockets[0]?.open();
    await settle();
    expect(asked).toHaveBeenCalledWith("c0");
    expect(states).toEqual(["connecting", "live"]);
    live.stop();
  });

  it("asks for the changes after a gap in the numbers of one account", async () => {
    const { live, sockets, asked, arrived } = link();
    live.start();
    await settle();
    sockets[0]?.open();
    await settle();
    asked.mockClear();
    sockets[0]?.say("a", 4, [post("p4")]);
    sockets[0]?.say("b", 90, [post("q90")]);
    sockets[0]?.say("a", 5, [post("p5")]);
    await settle();
    expect(asked).not.toHaveBeenCalled();
    sockets[0]?.say("a", 7, [post("p7")]);
    await settle();
    expect(asked).toHaveBeenCalledExactlyOnceWith("c1");
    expect(arrived).toEqual(["p4", "q90", "p5", "p7"]);
    live.stop();
  });

  it("asks for the changes when a message is empty: what changed was too large for the line", async () => {
    const { live, sockets, asked } = link();
    live.start();
    await settle();
    sockets[0]?.open();
    await settle();
    asked.mockClear();
    sockets[0]?.say("a", 4, []);
    await settle();
    expect(asked).toHaveBeenCalledExactlyOnceWith("c1");
    live.stop();
  });

  it("polls while it is lost, and stops polling when it is back", async () => {
    const { live, sockets, asked, states } = link();
    live.start();
    await settle();
    sockets[0]?.open();
    await settle();
    sockets[0]?.drop();
    expect(states.at(-1)).toBe("lost");
    asked.mockClear();
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked).toHaveBeenCalled();
    sockets[1]?.open();
    await settle();
    expect(states.at(-1)).toBe("live");
    asked.mockClear();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked).not.toHaveBeenCalled();
    live.stop();
  });

  it("waits longer after each failure, up to half a minute", async () => {
    const { live, ticket } = link();
    ticket.mockRejectedValue(new ApiError(0, "unreachable", "down"));
    live.start();
    await settle();
    await vi.advanceTimersByTimeAsync(1000 + 2000 + 4000 + 8000 + 16_000 + 30_000 + 30_000);
    expect(ticket).toHaveBeenCalledTimes(8);
    live.hurry();
    await settle();
    expect(ticket).toHaveBeenCalledTimes(9);
    live.stop();
  });

  it("reads the queue again when the server lost the thread", async () => {
    const { live, sockets, onReset } = link(async () => ({ posts: [], cursor: "c9", reset: true }));
    live.start();
    await settle();
    sockets[0]?.open();
    await settle();
    expect(onReset).toHaveBeenCalledOnce();
    live.stop();
  });

  it("tells of the end of the session, once, and does not go on trying", async () => {
    const { live, ticket, onError } = link();
    ticket.mockRejectedValue(new ApiError(401, "not_signed_in", "Sign in"));
    live.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onError).toHaveBeenCalledOnce();
    live.stop();
  });

  it("catches up after a message that cannot be read", async () => {
    const { live, sockets, asked } = link();
    live.start();
    await settle();
    sockets[0]?.open();
    await settle();
    asked.mockClear();
    sockets[0]?.onmessage?.({ data: "{" } as MessageEvent);
    await settle();
    expect(asked).toHaveBeenCalledOnce();
    live.stop();
  });

  it("gives a sign of life each 50 seconds, and asks what changed with each fifth", async () => {
    const { live, sockets, asked } = link();
    live.start();
    await settle();
    sockets[0]?.open();
    await settle();
    asked.mockClear();
    await vi.advanceTimersByTimeAsync(4 * 50_000);
    expect(sockets[0]?.sent).toEqual(Array(4).fill('{"type":"ping"}'));
    expect(asked).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(50_000);
    expect(asked).toHaveBeenCalledOnce();
    live.stop();
  });
});
