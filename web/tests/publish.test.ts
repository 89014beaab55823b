import { describe, expect, it } from "vitest";
import { difference, parts } from "../src/office/publishDiff";
import {
  type Copy, type Fields, type Line, addressOfPublication, blank, byDay, clashing, goesOut, moving, outcome, scheduleWords, unanswered, whyHeld, wrongWith,
} from "../src/office/publishWords";

const name = (id: string): string => ({ a: "Ashford Police", b: "Bexley Police" })[id] ?? id;
const copy = (part: Partial<Copy> = {}): Copy => ({ id: "c", account: "a", state: "out", verb: "publish", error: null, out_at: null, checked_at: null, text: "", can: [], ...part });
const draft = (part: Partial<Fields> = {}): Fields => ({ ...blank(), text: "Hello", accounts: ["a"], ...part });
const line = (id: string, due: string | null, part: Partial<Line> = {}): Line => ({ id, due, state: "scheduled", text: `Words of ${id}`, accounts: [], by: { id: "p", name: "P" }, changed_at: "2026-07-01T10:00:00Z", clashes: [], ...part });

describe("a publication", () => {
  it("says what is wrong at the field that it is wrong with", () => {
    const fields = { ...blank(), link: "no link", schedule: { at: null, fold: null, again: { every: "day" as const, times: 61 } } };
    expect(wrongWith(fields, name).map(({ field }) => field)).toEqual(["pub-link", "pub-at", "pub-times"]);
    expect(wrongWith({ ...blank(), text: "Hello" }, name)).toEqual([]);
    expect(wrongWith(blank(), name).map(({ field }) => field)).toEqual(["pub-text"]);
  });
  it("may have words for each account alone, and names the account that has none", () => {
    expect(wrongWith(draft({ text: "", accounts: ["a", "b"], variants: { a: "One", b: "Two" } }), name)).toEqual([]);
    expect(wrongWith(draft({ text: "", accounts: ["a", "b"], variants: { a: "One" } }), name)).toEqual([{ field: "pub-text", text: "Write what is to be said on Bexley Police" }]);
  });
  it("says what became of it on an account in words, also of what nobody has words for", () => {
    expect(outcome({ state: "failed", error: "platform_reauthorise" })).toBe("Not published: the platform refused the access: connect the account again");
    expect(outcome({ state: "failed", error: "something_new" })).toBe("Not published: something new");
    expect(outcome({ state: "out", error: null })).toBe("Out");
    expect(outcome({ state: "publishing", error: null, unwanted: true })).toContain("to be taken down once it is known to be out");
    expect(whyHeld("overdue")).toContain("passed");
    expect(whyHeld("something_new")).toBe("something new.");
  });
  it("is looked at again while a copy is on its way, or has not answered since it was asked about", () => {
    expect(moving({ copies: [copy(), copy({ state: "publishing" })] })).toBe(true);
    expect(moving({ copies: [copy()] })).toBe(false);
    expect(unanswered([copy({ checked_at: "then" })], { c: "then" })).toBe(true);
    expect(unanswered([copy({ checked_at: "now" })], { c: "then" })).toBe(false);
    expect(unanswered([copy()], {})).toBe(false);
  });
  it("has an address of its own", () => {
    expect(addressOfPublication("01J")).toBe("#/compose/01J");
  });
});

describe("when it goes out", () => {
  const at = { at: "2026-07-01T16:30", fold: null, again: null };
  it("is the time that was asked for while it is a draft, not at once", () => {
    expect(goesOut({ state: "draft", due: null, fields: draft({ schedule: at }) })).toBe("It is to go out at this time: 1 July 2026 at 4:30pm in London.");
    expect(goesOut({ state: "draft", due: null, fields: draft() })).toBe("It goes out as soon as it is sent, or approved.");
  });
  it("is the moment that it is due, by the clock in London", () => {
    expect(goesOut({ state: "scheduled", due: "2026-07-01T15:30:00.000Z", fields: draft({ schedule: at }) })).toBe("It goes out on 1 July 2026 at 4:30pm.");
  });
  it("is not said of what has gone out", () => {
    expect(goesOut({ state: "running", due: null, fields: draft() })).toBe("");
    expect(goesOut({ state: "ended", due: null, fields: draft({ schedule: at }) })).toBe("");
  });
  it("tells which of two hours, and how often", () => {
    expect(scheduleWords({ at: "2026-10-25T01:30", fold: "second", again: { every: "week", times: 3 } }))
      .toBe("25 October 2026 at 1:30am in London, the second time that the clock shows it, and then each week, 3 times in all");
  });
});

describe("what is to be approved", () => {
  it("shows what is new and what has gone, in its place", () => {
    expect(difference("One\nTwo\nThree", "One\n2\nThree")).toEqual([
      { kind: "same", text: "One" }, { kind: "gone", text: "Two" }, { kind: "new", text: "2" }, { kind: "same", text: "Three" },
    ]);
  });
  it("does not take a line for the same that was moved or said once more", () => {
    expect(difference("A\nB", "B\nA").map(({ kind }) => kind)).toEqual(["gone", "same", "new"]);
    expect(difference("A", "A\nA").map(({ kind }) => kind)).toEqual(["same", "new"]);
  });
  it("marks a change of any part", () => {
    const old = draft({ link: "https://one.example/", accounts: ["a"], variants: { b: "Old" } });
    const now = draft({ link: "https://two.example/", accounts: ["a", "b"], variants: { a: "New" }, schedule: { at: "2026-07-01T16:30", fold: null, again: { every: "day", times: 2 } }, assets: [{ id: "f1", alt: "A map" }] });
    const found = parts(old, now, name);
    expect(found.filter(({ changed }) => changed).map(({ what }) => what).sort())
      .toEqual(["Accounts", "Goes out", "Link", "Pictures and films", "Words on Ashford Police", "Words on Bexley Police"]);
    expect(found.find(({ what }) => what === "Words on Bexley Police")?.lines).toEqual([{ kind: "gone", text: "Old" }]);
    expect(found.find(({ what }) => what === "Accounts")?.lines).toEqual([{ kind: "same", text: "Ashford Police" }, { kind: "new", text: "Bexley Police" }]);
  });
  it("marks nothing where nothing was submitted before, or nothing changed", () => {
    expect(parts(null, draft(), name).some(({ changed }) => changed)).toBe(false);
    expect(parts(draft(), draft(), name).map(({ what }) => what)).toEqual(["Words", "Accounts", "Goes out"]);
  });
});

describe("the calendar", () => {
  it("has the days of London, in order", () => {
    const found = byDay([line("late", "2026-07-01T23:30:00Z"), line("early", "2026-07-01T08:00:00Z"), line("next", "2026-07-02T08:00:00Z")]);
    expect(found.map(({ day, lines }) => [day, lines.map(({ id }) => id)])).toEqual([["2026-07-01", ["early"]], ["2026-07-02", ["late", "next"]]]);
  });
  it("names what clashes", () => {
    const all = [line("x", "2020-07-01T08:00:00Z", { text: "Road closed" })];
    expect(clashing(["x", "y"], all).map(({ words }) => words)).toEqual(["“Road closed”, 1 Jul 2020", "one in another month"]);
  });
});
