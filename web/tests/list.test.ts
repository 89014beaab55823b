import { describe, expect, it } from "vitest";
import { EMPTY_LIST, arrived, following, matching, paged, revealed, tidied } from "../src/state/list";
import { allowed, merge, overlaid, withOverlay, withoutOverlay } from "../src/state/posts";
import { MODERATION, QUEUES, countOf, order, queueOf } from "../src/state/queues";
import type { PostSummary } from "../src/types";
import { post } from "./factory";

const OPEN = queueOf("open");
const pool = (...posts: PostSummary[]): ReadonlyMap<string, PostSummary> => merge(new Map(), posts);

describe("versions", () => {
  it("an older revision never replaces a newer one", () => {
    const posts = merge(pool(post("a", { rev: 5, text: "new" })), [post("a", { rev: 4, text: "old" })]);
    expect(posts.get("a")?.text).toBe("new");
  });

  it("a push without rights keeps the known ones", () => {
    const posts = merge(pool(post("a", { can: ["hide"] })), [post("a", { rev: 3 })]);
    expect(posts.get("a")?.can).toEqual(["hide"]);
  });

  it("an overlay changes only what it names and only its owner lifts it", () => {
    const shown = overlaid(post("a", { case: { grade: 7 } }), { key: "k", patch: { state: "hiding", case: { state: "closed" } } });
    expect([shown.state, shown.case.state, shown.case.grade]).toEqual(["hiding", "closed", 7]);
    const overlays = withOverlay(new Map(), "a", { key: "k", patch: {} });
    expect(withoutOverlay(overlays, "a", "other").size).toBe(1);
    expect(withoutOverlay(overlays, "a", "k").size).toBe(0);
  });

  it("offers what was granted and what the state allows", () => {
    expect(allowed(post("a", { can: ["hide", "delete"] }), "hide", [])).toBe(true);
    expect(allowed(post("a", { can: ["reply"] }), "hide", ["hide"])).toBe(false);
    expect(allowed(post("a"), "hide", ["hide"])).toBe(true);
    expect(allowed(post("a", { state: "hidden" }), "hide", ["hide"])).toBe(false);
    expect(allowed(post("a", { state: "hidden" }), "unhide", ["hide"])).toBe(true);
    expect(allowed(post("a", { state: "deleted" }), "reply", ["reply"])).toBe(false);
  });
});

describe("the list", () => {
  const rows = paged(EMPTY_LIST, [post("a"), post("b")], null);

  it("does not move when posts arrive", () => {
    const grave = post("c", { case: { grade: 9, risk: "critical" } });
    const list = arrived(rows, OPEN, [grave], pool(post("a"), post("b")), "me");
    expect(list.rows).toEqual(["a", "b"]);
    expect(list.waiting).toEqual(["c"]);
    expect(arrived(list, OPEN, [grave], pool(grave), "me").waiting).toEqual(["c"]);
  });

  it("lets them in at their place when asked", () => {
    const posts = pool(post("a", { case: { grade: 5 } }), post("b"), post("c", { case: { grade: 9 } }));
    expect(revealed({ ...rows, waiting: ["c"] }, OPEN, posts)).toMatchObject({ rows: ["c", "a", "b"], waiting: [] });
  });

  it("forgets a waiting post that was dealt with elsewhere", () => {
    const done = post("c", { rev: 4, case: { state: "closed" } });
    expect(arrived({ ...rows, waiting: ["c"] }, OPEN, [done], pool(), "me").waiting).toEqual([]);
  });

  it("takes an old post on an unread page for no news", () => {
    const list = { ...rows, next: "cursor" };
    expect(arrived(list, OPEN, [post("old", { rev: 9 })], pool(), "me").waiting).toEqual([]);
    expect(arrived(list, OPEN, [post("new", { rev: 1 })], pool(), "me").waiting).toEqual(["new"]);
  });

  it("announces an old post that rose above the last one read, whether or not it is known", () => {
    const risen = post("old", { rev: 9, case: { grade: 8, risk: "high" } });
    const list = paged(EMPTY_LIST, [post("a", { case: { grade: 9 } }), post("b", { case: { grade: 5 } })], "cursor");
    expect(arrived(list, OPEN, [risen], pool(), "me").waiting).toEqual(["old"]);
    expect(arrived(list, OPEN, [risen], pool(post("old")), "me").waiting).toEqual(["old"]);
    const sunk = post("old", { rev: 9, case: { grade: 4 } });
    expect(arrived(list, OPEN, [sunk], pool(), "me").waiting).toEqual([]);
  });

  it("measures by the last post of the page, not by the last that is shown", () => {
    const list = paged(EMPTY_LIST, [post("a", { case: { grade: 9 } })], "cursor", post("z", { case: { grade: 3 } }));
    expect(arrived(list, OPEN, [post("old", { rev: 9, case: { grade: 4 } })], pool(), "me").waiting).toEqual(["old"]);
    expect(paged(list, [], "more").last?.id).toBe("z");
  });

  it("keeps finished rows until it is tidied", () => {
    const posts = pool(post("a", { case: { state: "closed" } }), post("b"));
    expect(tidied(rows, OPEN, posts, "me").rows).toEqual(["b"]);
  });

  it("adds a page without doubles", () => {
    expect(paged(rows, [post("b"), post("c")], "next").rows).toEqual(["a", "b", "c"]);
    expect(paged({ ...rows, waiting: ["c"] }, [post("c")], null).waiting).toEqual([]);
  });

  it("filters by text, author and account", () => {
    const posts = pool(post("a", { text: "Stolen bike" }), post("b", { author: { name: "Bikey", handle: null } }), post("c"));
    expect(matching(["a", "b", "c"], posts, " BIKE ")).toEqual(["a", "b"]);
    expect(matching(["a", "b", "c"], posts, "ashbrook")).toHaveLength(3);
  });

  it("steps to the next open row, else back up", () => {
    expect(following(["a", "b", "c"], "a", (id) => id === "b")).toBe("c");
    expect(following(["a", "b", "c"], "c", (id) => id === "b")).toBe("a");
    expect(following(["a"], "a", () => false)).toBeNull();
  });
});

describe("queues", () => {
  it("put the worst first, then the longest waiting", () => {
    const late = post("late", { case: { grade: 5 }, received_at: "2026-11-22T17:00:00.000Z" });
    const early = post("early", { case: { grade: 5 }, received_at: "2026-11-22T16:00:00.000Z" });
    const worst = post("worst", { case: { grade: 9 }, received_at: "2026-11-22T18:00:00.000Z" });
    expect([late, worst, early].sort((one, other) => order(OPEN, one, other)).map(({ id }) => id)).toEqual(["worst", "early", "late"]);
  });

  it("hold what they say", () => {
    const holding = (one: PostSummary): string[] => QUEUES.filter((queue) => queue.holds(one, "me")).map(({ id }) => id);
    expect(holding(post("a"))).toEqual(["open"]);
    expect(holding(post("a", { case: { risk: "critical" } }))).toEqual(["open", "high"]);
    expect(holding(post("a", { case: { claimed_by: { id: "me", name: "Me" } } }))).toEqual(["open", "mine"]);
    expect(holding(post("a", { state: "hidden", case: { state: "closed" } }))).toEqual(["hidden", "done"]);
    expect(MODERATION.holds(post("a", { case: { risk: "low" } }), "me")).toBe(true);
    expect(MODERATION.holds(post("a"), "me")).toBe(false);
    expect(queueOf("account:facebook-1").holds(post("a"), "me")).toBe(true);
    expect(queueOf("account:x-9").holds(post("a"), "me")).toBe(false);
  });

  it("say when their count is not the whole", () => {
    const posts = pool(post("a", { case: { risk: "high" } }), post("b", { case: { risk: "low" } }));
    expect(countOf(queueOf("open"), posts, "me", false)).toEqual({ known: 2, more: true });
    expect(countOf(queueOf("high"), posts, "me", false)).toEqual({ known: 1, more: false });
    expect(countOf(queueOf("high"), pool(post("a", { case: { risk: "high" } })), "me", false).more).toBe(true);
  });
});
