import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../src/api";
import { Commands } from "../src/state/commands";
import { Store } from "../src/state/store";
import type { PostSummary, Verb } from "../src/types";
import { type FakeApi, ME, fakeApi, post } from "./factory";

type Act = (id: string, verb: Verb, body: object, key: string) => Promise<{ post: PostSummary; action: null }>;

/** A store with three posts open, and an API whose writes the test decides. */
async function desk(act: Act, more: FakeApi = {}) {
  const posts = [post("a", { case: { risk: "high", grade: 8 } }), post("b"), post("c")];
  const store = new Store(fakeApi({
    me: async () => ME,
    accounts: async () => [],
    queue: async () => ({ posts, next: null, counts: { open: 3 } }),
    post: async (id) => ({ post: store.confirmed(id) ?? post(id), thread: [], actions: [], notes: [], history: [] }),
    act,
    ...more,
  }));
  await store.start();
  await store.openQueue("open");
  return { store, commands: new Commands(store, () => 1000) };
}

const answer = (id: string, patch: Parameters<typeof post>[1]) => ({ post: post(id, patch), action: null });
const hidden = { state: "hiding", rev: 3, case: { state: "closed", decision: "hidden" } } as const;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("hiding", () => {
  it("shows at once, sends the undo time and the revision, and steps on", async () => {
    const act = vi.fn<Act>(async (id) => answer(id, hidden));
    const { store, commands } = await desk(act);
    const done = commands.hide(["a"], "abuse", { step: true });
    expect(store.post("a")?.state).toBe("hiding");
    expect(store.active.value).toBe("b");
    expect(store.list.value.rows).toEqual(["a", "b", "c"]);
    expect(await done).toBe(true);
    expect(act.mock.calls[0]?.slice(0, 3)).toEqual(["a", "hide", { reason: { code: "abuse" }, undo_seconds: 10, rev: 2 }]);
    expect(store.undo.value).toMatchObject({ ids: ["a"], until: 11_000 });
    expect(store.openTotal.value).toBe(2);
  });

  it("from a button stays where it is", async () => {
    const { store, commands } = await desk(async (id) => answer(id, hidden));
    await commands.hide(["a"], "abuse");
    expect(store.active.value).toBe("a");
  });

  it("is undone by showing again, with the revision the hide came back with", async () => {
    const act = vi.fn<Act>(async (id, verb) => (verb === "hide" ? answer(id, hidden) : answer(id, { rev: 4 })));
    const { store, commands } = await desk(act);
    void commands.hide(["a"], "abuse", { step: true });
    await commands.undoLast();
    expect(act.mock.calls[1]?.slice(0, 3)).toEqual(["a", "unhide", { rev: 3 }]);
    expect(store.post("a")?.state).toBe("visible");
    expect(store.undo.value).toBeNull();
    expect(store.active.value).toBe("a");
    expect(store.openTotal.value).toBe(3);
  });

  it("is taken back on a conflict, which names who acted", async () => {
    const act: Act = async () => {
      throw new ApiError(409, "conflict", "changed", "Sam Patel");
    };
    const current = { rev: 5, case: { claimed_by: { id: "sub-2", name: "Sam Patel" } } };
    const read: NonNullable<FakeApi["post"]> = async (id) =>
      ({ post: post(id, current), thread: [], actions: [], notes: [], history: [] });
    const { store, commands } = await desk(act, { post: read });
    expect(await commands.hide(["a"], "abuse")).toBe(false);
    expect(store.post("a")).toMatchObject({ state: "visible", rev: 5 });
    expect(store.undo.value).toBeNull();
    expect(store.notices.value.at(-1)).toMatchObject({ kind: "error", text: expect.stringContaining("Sam Patel acted on this post first") as string });
  });

  it("takes only posts that may be hidden", async () => {
    const act = vi.fn<Act>(async (id) => answer(id, hidden));
    const { store, commands } = await desk(act);
    store.receive([post("b", { rev: 3, state: "deleted" })]);
    await commands.hide(["b"], "abuse");
    expect(act).not.toHaveBeenCalled();
  });
});

describe("answering", () => {
  it("sends the picture with the words, and nothing of one where there is none", async () => {
    const bodies: object[] = [];
    const { commands } = await desk(async (id, _verb, body) => {
      bodies.push(body);
      return answer(id, { rev: 3 });
    });
    await commands.reply("a", "Until noon.", null, { id: "01C0ASREADY", alt: "A map" });
    await commands.reply("b", "Until noon.");
    expect(bodies).toEqual([
      { rev: 2, undo_seconds: 10, text: "Until noon.", picture: { id: "01C0ASREADY", alt: "A map" } },
      { rev: 2, undo_seconds: 10, text: "Until noon." },
    ]);
  });
});

describe("claim mode", () => {
  it("claims what is opened and releases what is left undecided", async () => {
    const calls: string[] = [];
    const act: Act = async (id, verb) => {
      calls.push(`${verb} ${id}`);
      const holder = verb === "claim" ? { id: ME.person.id, name: ME.person.name } : null;
      return answer(id, { rev: (post(id).rev += 1), case: { claimed_by: holder } });
    };
    const { commands } = await desk(act);
    await commands.setClaimMode(true);
    await commands.open("a");
    await commands.open("b");
    await commands.setClaimMode(false);
    expect(calls).toEqual(["claim a", "release a", "claim b", "release b"]);
  });

  it("leaves alone what somebody else holds", async () => {
    const act = vi.fn<Act>(async (id) => answer(id, {}));
    const { store, commands } = await desk(act);
    store.receive([post("a", { rev: 3, case: { claimed_by: { id: "sub-2", name: "Sam Patel" } } })]);
    await commands.setClaimMode(true);
    await commands.open("a");
    expect(act).not.toHaveBeenCalled();
  });
});

describe("the session", () => {
  it("ends with everything forgotten", async () => {
    const { store, commands } = await desk(async () => {
      throw new ApiError(401, "not_signed_in", "Sign in");
    });
    await commands.note("a", "A note");
    expect(store.phase.value).toBe("signed-out");
    expect(store.posts.value.size).toBe(0);
    expect(store.ended.value).toContain("ended");
  });
});

describe("the open post", () => {
  it("is read again once for a burst of changes", async () => {
    const read = vi.fn<NonNullable<FakeApi["post"]>>(async (id) =>
      ({ post: post(id, { rev: 9 }), thread: [], actions: [], notes: [], history: [] }));
    const { store, commands } = await desk(async (id) => answer(id, {}), { post: read });
    await commands.open("a");
    store.receive([post("a", { rev: 10 })]);
    store.receive([post("a", { rev: 11 })]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(read).toHaveBeenCalledTimes(2);
  });
});

describe("what a second person has to approve", () => {
  const proposed = { action: "1", verb: "delete", by: { id: "p", name: "Pat" }, at: "2026-11-22T16:00:00Z", until: "2026-11-29T16:00:00Z" } as const;
  it("is not said to be ordered", async () => {
    const { store, commands } = await desk(async (id) => answer(id, { rev: 2, proposed }));
    await commands.remove("a", "hate", "");
    expect(store.confirmed("a")?.proposed?.verb).toBe("delete");
    expect(store.notices.value.at(-1)?.text).toMatch(/second person has to approve/);
  });
});
