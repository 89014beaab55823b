import { describe, expect, it } from "vitest";
import { type Said, stateOf, together, whoSays } from "../src/state/conversation";

const said = (id: string, at: string, more: Partial<Said> = {}): Said => ({
  id, at, direction: "in", platform: "x", account: "x-1", account_name: "North", text: id, media: [], state: "visible", private: false, post: id, by: null, ...more,
});
const ids = (some: readonly Said[]) => some.map(({ id }) => id).join("");

describe("a conversation", () => {
  it("is put together by time from pages that go back, each thing once", () => {
    const newest = [said("c", "3"), said("d", "5")];
    const before = [said("a", "1"), said("d", "5"), said("b", "4")];
    expect(ids(together(together([], newest), before))).toBe("acbd");
    expect(ids(together(newest, []))).toBe("cd");
  });
  it("says who speaks, and by whom the force answered", () => {
    expect(whoSays(said("a", "1"), "Sam")).toBe("Sam, to North");
    expect(whoSays(said("a", "1", { direction: "out" }), "Sam")).toBe("North");
    expect(whoSays(said("a", "1", { direction: "out", by: { id: "p", name: "Pat" } }), "Sam")).toBe("North, by Pat");
  });
  it("says what happened to it, and nothing where nothing did", () => {
    const named = (state: string) => `(${state})`;
    expect(["visible", "sent", "sending", "hidden"].map((state) => stateOf(said("a", "1", { state }), named))).toEqual(["", "Sent", "Being sent", "(hidden)"]);
  });
});
