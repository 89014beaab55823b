import { describe, expect, it } from "vitest";
import { notOffered, open, unsettled } from "../src/desk/acts";
import { sorted } from "../src/office/UnderWay";
import type { Action, PostSummary } from "../src/types";
import { post } from "./factory";

const action = (id: string, verb: string, state: Action["state"], at: string): Action => ({
  id, verb, state, at, by: { id: "p", name: "Pat" }, reason: null, done_at: null, error: null,
});

describe("what a post's actions want of a person", () => {
  it("offers to take back what waits, and nothing else", () => {
    const all = [action("1", "hide", "pending", "1"), action("2", "reply", "sending", "2"), action("3", "ban", "done", "3")];
    expect(open(all).map(({ id }) => id)).toEqual(["1"]);
  });

  it("asks about each unknown one, and tells of an overtaken one until it is asked for again", () => {
    const overtaken = action("1", "hide", "overtaken", "1");
    const unknown = action("2", "reply", "unknown", "2");
    expect(unsettled([overtaken, unknown]).map(({ id }) => id)).toEqual(["1", "2"]);
    expect(unsettled([overtaken, unknown, action("3", "hide", "pending", "3")]).map(({ id }) => id)).toEqual(["2"]);
  });
});

describe("what a platform does not offer", () => {
  const seen = (more: Partial<PostSummary>): PostSummary => ({ ...post("a"), state: "visible", ...more });

  it("is said with what it does offer", () => {
    const found = notOffered(seen({ can: ["hide", "report_post", "ban"] }), ["hide", "delete"]);
    expect(found).toEqual({ verb: "delete", words: "You can hide it, report it to the platform or ban its author." });
  });

  it("is not said of what one may not do, of what is under way, or when nobody said what is possible", () => {
    expect(notOffered(seen({ can: ["hide", "report_post"] }), ["hide"])).toBeNull();
    expect(notOffered(seen({ can: ["cancel", "report_post"] }), ["hide"])).toBeNull();
    const { can: _can, ...unsaid } = seen({});
    expect(notOffered(unsaid, ["hide"])).toBeNull();
    expect(notOffered(seen({ can: ["hide", "delete", "report_post"] }), ["hide", "delete"])).toBeNull();
  });
});

describe("what is under way", () => {
  it("puts what nobody knows first, one's own before others', and counts what is many at once", () => {
    const one = (id: string, trouble: "stuck" | "unknown", lane: "single" | "bulk", own: boolean) =>
      ({ trouble, lane, own, can: [], post: post("a"), action: action(id, "hide", "pending", "1") });
    const found = sorted([one("1", "stuck", "single", false), one("2", "stuck", "single", true), one("3", "stuck", "bulk", true), one("4", "unknown", "single", false)]);
    expect(found.map(({ trouble, single, bulk }) => [trouble, single.map(({ action: { id } }) => id), bulk])).toEqual([["unknown", ["4"], 0], ["stuck", ["2", "1"], 1]]);
  });
});
