import { describe, expect, it } from "vitest";
import { type Rule, idOf, moved, nameOf, same, standing, teamsOf, warningsOf, withRule, wrongWith } from "../src/office/groupRules";

const guid = (letter: string): string => `0f0e0d0c-0000-4000-8000-00000000000${letter.toLowerCase()}`;
const rule = (letter: string, role = "comms", ...teams: string[]): Rule => ({ group: letter.length === 1 ? guid(letter) : letter, label: null, role, teams });
const RULES = [rule("A"), rule("B", "local", "north"), rule("C", "admin")];
const names = (rules: readonly Rule[]) => rules.map(({ group }) => group.slice(-1)).join("").toUpperCase();

describe("the list of groups", () => {
  it("moves a rule by one place, and none beyond the ends", () => {
    expect(names(moved(RULES, 0, 1))).toBe("BAC");
    expect(names(moved(RULES, 2, -1))).toBe("ACB");
    expect(moved(RULES, 0, -1)).toBe(RULES);
    expect(moved(RULES, 2, 1)).toBe(RULES);
  });
  it("takes a changed rule in its place and a new one at the end", () => {
    expect(names(withRule(RULES, rule("E"), idOf(rule("b", "local"))))).toBe("AEC");
    expect(names(withRule(RULES, rule("E"), null))).toBe("ABCE");
  });
  it("is the same only in the same order", () => {
    expect(same(RULES, RULES.map((one) => ({ ...one })))).toBe(true);
    expect(same(RULES, moved(RULES, 0, 1))).toBe(false);
    expect(same([rule("A", "local", "x")], [rule("A", "local", "y")])).toBe(false);
  });
  it("says what somebody may not mean", () => {
    expect(warningsOf([], new Set())).toEqual(["Without a rule nobody is made or changed by signing in."]);
    expect(warningsOf(RULES, new Set(["north"]))).toEqual([]);
    expect(warningsOf(RULES.slice(0, 2), new Set())).toEqual(["No group gives the role of an administrator.", "No account belongs to: north."]);
  });
});

describe("whose word a list stands on", () => {
  const list = (changed_by: string | null, confirmed = false, rev = 2) => ({ rules: RULES, rev, sha256: "", changed_at: null, changed_by, confirmed });
  it("is told to whoever set it, and to whoever may confirm it", () => {
    expect(standing(list("me"), "me")).toBe("mine");
    expect(standing(list("other"), "me")).toBe("theirs");
    expect(standing(list("other", true), "me")).toBe("whole");
    expect(standing(list(null, false, 0), "me")).toBe("whole");
  });
  it("has the name that people gave a group, which decides nothing", () => {
    expect([nameOf({ ...rule("A"), label: "North" }), nameOf(rule("A"))]).toEqual(["North", guid("A")]);
    expect(idOf({ ...rule("A"), label: "North" })).toBe(idOf(rule("A")));
  });
});

describe("a rule", () => {
  const fields = (one: Rule, old: string | null = null) => wrongWith(one, RULES, old).map(({ field }) => field);
  it("has teams as they are typed, each once", () => {
    expect(teamsOf(" North, south;north\nwest ")).toEqual(["north", "south", "west"]);
    expect(teamsOf(" , ")).toEqual([]);
  });
  it("is taken when it is whole", () => {
    expect(fields(rule("D", "supervisor", "north"))).toEqual([]);
    expect(fields(rule("D", "auditor"))).toEqual([]);
    expect(fields(rule("a"), idOf(rule("A")))).toEqual([]);
    expect(fields(rule("A", "auditor"))).toEqual([]);
  });
  it("is refused by the field that is wrong", () => {
    expect(fields(rule(""))).toEqual(["group-name"]);
    expect(fields(rule("Bluelamp North"))).toEqual(["group-name"]);
    expect(fields({ ...rule("D"), label: "<b>" })).toEqual(["group-label"]);
    expect(fields(rule("a"))).toEqual(["group-name"]);
    expect(fields(rule("A"), idOf(rule("C", "admin")))).toEqual(["group-name"]);
    expect(fields(rule("D", "local"))).toEqual(["group-teams"]);
    expect(fields(rule("D", "comms", "Nörth"))).toEqual(["group-teams"]);
    expect(wrongWith(rule("D"), Array.from({ length: 200 }, (_, at) => rule(`0f0e0d0c-0000-4000-9000-000000000${100 + at}`)), null).map(({ field }) => field)).toEqual(["group-name"]);
  });
});
