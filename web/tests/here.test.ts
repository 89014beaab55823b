import { describe, expect, it } from "vitest";
import { Drafts, mentioned, otherWriter, whoIsHere } from "../src/state/here";

const ANN = { id: "a", name: "Ann Lee" };
const BOB = { id: "b", name: "Bob" };
const at = "2026-11-22T16:00:00.000Z";
const now = (people: { id: string; name: string }[], writing: typeof ANN | null = null, yours = false) =>
  ({ post: "p", people: people.map((person) => ({ person, at })), writing, yours, draft: "" });

describe("who is here", () => {
  it("is a sentence", () => {
    expect(whoIsHere(now([ANN]), "p")).toBe("Ann Lee has this post open, too.");
    expect(whoIsHere(now([ANN, BOB]), "p")).toBe("Ann Lee and Bob have this post open, too.");
  });
  it("says nothing of nobody, nor of another post", () => {
    expect(whoIsHere(now([]), "p")).toBe("");
    expect(whoIsHere(now([ANN]), "q")).toBe("");
  });
  it("names who else writes, and not oneself", () => {
    expect(otherWriter(now([ANN], ANN), "p")).toEqual(ANN);
    expect(otherWriter(now([], ANN, true), "p")).toBeNull();
    expect(otherWriter(now([ANN], ANN), "q")).toBeNull();
  });
});

describe("mentions", () => {
  it("are those whose name follows an @", () => {
    expect(mentioned("@Ann Lee and Bob, look", [ANN, BOB])).toEqual(["a"]);
  });
  it("take the longer name where one begins another", () => {
    expect(mentioned("@Bob Marsh", [BOB, { id: "m", name: "Bob Marsh" }])).toEqual(["m"]);
  });
});

describe("drafts", () => {
  it("go to the server when they have changed, and once", () => {
    const drafts = new Drafts();
    expect(drafts.news("p")).toBeUndefined();
    drafts.write("p", "Thank");
    expect(drafts.news("p")).toBe("Thank");
    drafts.answered("p", "Thank");
    expect(drafts.news("p")).toBeUndefined();
    drafts.write("p", "");
    expect(drafts.news("p")).toBe("");
  });
  it("come back into a box in which nothing was written, and into no other", () => {
    const drafts = new Drafts();
    expect(drafts.answered("p", "kept")).toBe("kept");
    drafts.write("q", "newer");
    expect(drafts.answered("q", "kept")).toBe("");
    expect(drafts.news("q")).toBe("newer");
  });
  it("are gone once the answer was sent", () => {
    const drafts = new Drafts();
    drafts.write("p", "Thank");
    drafts.answered("p", "Thank");
    drafts.sent("p");
    expect(drafts.news("p")).toBeUndefined();
    expect(drafts.of("p")).toBe("");
  });
});
