import { describe, expect, it } from "vitest";
import { type SavedReply, asRead, codeOf, found, inOrder, mayWrite, scopeName, scopesFor, unknownIn } from "../src/office/replyWords";
import type { Account } from "../src/types";

const account = (id: string, team: string, lead: string | null): Account => ({
  id, team, platform: "x", name: `Page ${id}`, handle: null, kind: "neighbourhood",
  lead: lead === null ? null : { id: lead, name: lead }, deputy: null, status: "active", capabilities: [],
});
const accounts = [account("x-1", "north", "ann"), account("x-2", "north", "bob"), account("x-3", "south", "bob")];
const [one] = accounts as [Account];
const reply = (title: string, text: string): SavedReply => ({
  id: title, version: 1, scope: "force", title, text, by: { id: "p", name: "P" }, at: "", retired: false, rev: 1,
});

describe("the words of saved replies", () => {
  it("are shown as they would read, with each variable filled in", () => {
    expect(asRead("{name}, {account}: {reference}. {officer}", "Page", "Pat")).toBe("Sam Example, Page: 42/12345/26. Pat");
    expect(asRead("{colour} {toString} {name", "Page", "Pat")).toBe("{colour} {toString} {name");
  });
  it("have nothing in braces but variables", () => {
    expect(["{name} and {officer}", "none"].map(unknownIn)).toEqual([false, false]);
    expect(["{colour}", "{Name}", "{}", "{name", "name}", "{{name}}", "{toString}"].map(unknownIn)).toEqual(Array(7).fill(true));
  });
  it("are found by all words, in title or text", () => {
    const replies = [reply("Thanks", "We passed it on"), reply("Report a crime", "Call 101, thanks")];
    expect(found(replies, " THANKS 101").map(({ title }) => title)).toEqual(["Report a crime"]);
    expect(found(replies, "")).toHaveLength(2);
    expect(found(replies, "999")).toEqual([]);
  });
});

describe("whom a saved reply is for", () => {
  it("is offered by what somebody writes for", () => {
    expect(scopesFor({ id: "c", role: "comms", teams: [] }, one, accounts)).toEqual(["force", "team:north", "account:x-1"]);
    expect(scopesFor({ id: "s", role: "supervisor", teams: ["north"] }, one, accounts)).toEqual(["team:north"]);
    expect(scopesFor({ id: "s", role: "supervisor", teams: ["south"] }, one, accounts)).toEqual([]);
    expect(scopesFor({ id: "ann", role: "local", teams: ["north"] }, one, accounts)).toEqual(["team:north", "account:x-1"]);
    expect(scopesFor({ id: "bob", role: "local", teams: ["north"] }, one, accounts)).toEqual(["team:north"]);
    expect(mayWrite({ id: "eve", role: "local", teams: ["north"] }, "team:north", accounts)).toBe(false);
  });
  it("is said in words", () => {
    expect(["force", "team:north", "account:x-1", "account:gone"].map((scope) => scopeName(scope, accounts)))
      .toEqual(["The whole force", "Team north", "Page x-1", "gone"]);
  });
});

describe("a tag", () => {
  it("has a code that records take, made from its name", () => {
    expect(["Road safety", "  Café & Bar!", "999 calls", "9", "ſ!", "x".repeat(31) + " yz"].map(codeOf))
      .toEqual(["road-safety", "cafe-bar", "calls", "", "s", "x".repeat(31)]);
  });
  it("comes after those in use when it is retired", () => {
    const tag = (name: string, retired: boolean) => ({ code: name, name, retired, rev: 1 });
    expect(inOrder([tag("b", true), tag("d", false), tag("a", true), tag("c", false)]).map(({ name }) => name)).toEqual(["c", "d", "a", "b"]);
  });
});
