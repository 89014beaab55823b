import { describe, expect, it, vi } from "vitest";
import { Api, ApiError, type Fetcher } from "../src/api";

const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });

const at = (fetcher: ReturnType<typeof vi.fn<Fetcher>>, call: number): [string, RequestInit] =>
  fetcher.mock.calls[call] as [string, RequestInit];

const noWait = async (): Promise<void> => undefined;

describe("the API client", () => {
  it("writes with the guard header and the idempotency key", async () => {
    const fetcher = vi.fn<Fetcher>(async () => json({ post: {}, action: null }));
    await new Api(fetcher, noWait).act("p1", "hide", { rev: 2 }, "key-1");
    const [address, options] = at(fetcher, 0);
    expect(address).toBe("/api/posts/p1/hide");
    expect(options.headers).toMatchObject({ "X-Bluelamp": "1", "Idempotency-Key": "key-1" });
    expect(options.body).toBe('{"rev":2}');
  });

  it("tries a write again under the same key", async () => {
    const fetcher = vi.fn<Fetcher>()
      .mockRejectedValueOnce(new TypeError("network"))
      .mockResolvedValueOnce(json({}, 503))
      .mockResolvedValueOnce(json({ post: {}, action: null }));
    await new Api(fetcher, noWait).act("p1", "hide", {}, "key-1");
    const keys = fetcher.mock.calls.map(([, options]) => (options?.headers as Record<string, string>)["Idempotency-Key"]);
    expect(keys).toEqual(["key-1", "key-1", "key-1"]);
  });

  it("does not try a refusal again", async () => {
    const fetcher = vi.fn<Fetcher>(async () => json({ code: "conflict", detail: "Changed.", by: { id: "s", name: "Sam Patel" } }, 409));
    const failure = await new Api(fetcher, noWait).act("p1", "hide", {}, "k").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({ status: 409, code: "conflict", by: "Sam Patel", message: "Changed." });
    expect(fetcher).toHaveBeenCalledOnce();
  });

  it("makes words of a gateway's HTML", async () => {
    const fetcher = vi.fn<Fetcher>(async () => new Response("<html>", { status: 500 }));
    await expect(new Api(fetcher, noWait).me()).rejects.toMatchObject({ status: 500, message: "The server answered 500." });
  });

  it("reads the accounts page by page", async () => {
    const fetcher = vi.fn<Fetcher>()
      .mockResolvedValueOnce(json({ accounts: [{ id: "x-1" }], next: "a+b" }))
      .mockResolvedValueOnce(json({ accounts: [{ id: "x-2" }], next: null }));
    expect((await new Api(fetcher, noWait).accounts()).map(({ id }) => id)).toEqual(["x-1", "x-2"]);
    expect(at(fetcher, 1)[0]).toBe("/api/accounts?cursor=a%2Bb");
  });

  it("asks for a queue with what is set only", async () => {
    const fetcher = vi.fn<Fetcher>(async () => json({ posts: [], next: null, counts: { open: 0 } }));
    await new Api(fetcher, noWait).queue({ view: "open", min_risk: "high", limit: 50 });
    expect(at(fetcher, 0)[0]).toBe("/api/queue?view=open&min_risk=high&limit=50");
  });
});
