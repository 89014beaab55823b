import { describe, expect, it } from "vitest";
import { type Job, draftOf, ended, listed, matchOf, matchWords, moves, nothing, openErrors, progressWords, scopeErrors } from "../src/office/incidentWords";
import { wallOf } from "../src/words/dates";

const JOB: Job = {
  id: "j", incident: "i", verb: "hide", state: "running", posts: 10, second: false, digest: "", by: { id: "p", name: "Pat" }, agreed_by: null,
  intended: 9, skipped: { changed: 1 }, excluded: {}, platforms: {}, accounts: {}, cut: false, outcomes: { done: 5, failed: 1, unknown: 1, pending: 2 }, rev: 1, can: [],
};

describe("a job", () => {
  it("counts what has come to its end, whatever that was", () => {
    expect(ended(JOB)).toBe(8);
    expect(progressWords(JOB)).toBe("8 of 10 at their end, 1 failed, 1 unknown: look at them on the platform, 1 skipped.");
  });

  it("is looked at again until each post has come to its end", () => {
    expect(moves({ ...JOB, state: "done" })).toBe(true);
    expect(moves({ ...JOB, state: "done", outcomes: { done: 9 } })).toBe(false);
    expect(moves({ ...JOB, state: "refused", outcomes: {} })).toBe(false);
  });
});

describe("what is typed", () => {
  it("is taken apart at lines and commas", () => {
    expect(listed(" oak street,\n\nbridge ")).toEqual(["oak street", "bridge"]);
  });

  it("means every post only when that is said", () => {
    expect(matchOf({ ...nothing(), words: " " })).toBeNull();
    expect(matchOf({ ...nothing(), words: "idiot", everything: true })).toEqual({ everything: true });
    expect(matchOf({ ...nothing(), words: "idiot" })).toEqual({ words: ["idiot"] });
    expect(matchOf({ words: "a\nb", codes: ["hate", "spam"], grade: 5, everything: false })).toEqual({ words: ["a", "b"], codes: ["hate", "spam"], grade: 5 });
  });

  it("says to whoever has to agree what an order is about, all of it", () => {
    const named = (code: string): string => code.toUpperCase();
    expect(matchWords({ everything: true }, named)).toBe("every new post");
    expect(matchWords({ words: ["oak street"] }, named)).toBe("new posts with one of these words: oak street");
    expect(matchWords({ codes: ["hate", "spam"], grade: 6 }, named)).toBe("new posts judged to be HATE or SPAM, and of high risk or more (grade 6 and above)");
  });

  it("is told what it lacks, at the field", () => {
    const empty = { code: "", accounts: [], words: "", area: "", begin: "", end: "", strategy: "", roles: { gold: [], silver: [], bronze: [] } };
    expect(openErrors(empty).map(({ field }) => field)).toEqual(["incident-code", "incident-accounts", "incident-begin", "incident-strategy"]);
    const whole = { ...empty, code: "OAKLEAF", accounts: ["a"], begin: "2026-07-01T12:00", strategy: "Inform." };
    expect(openErrors(whole)).toEqual([]);
    expect(scopeErrors({ ...whole, end: "2026-07-01T12:00" }).map(({ field }) => field)).toEqual(["incident-end"]);
  });

  it("begins with the scope that is in force, by the clock in London", () => {
    const scope = { accounts: ["a"], words: ["oak", "bridge"], area: "Town", begin: "2026-07-01T11:00:00.000Z", end: null };
    expect(draftOf({ scope }, wallOf)).toEqual({ accounts: ["a"], words: "oak\nbridge", area: "Town", begin: "2026-07-01T12:00", end: "" });
  });
});
