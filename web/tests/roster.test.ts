import { describe, expect, it } from "vitest";
import model from "../../shared/bluelamp/roster/model.py?raw";
import {
  type Answer, type Draft, type Responsible, capacityWords, chainWords, coverAgain, draftErrors, entryBody, entryWords, minuteOf, responsiblePath, scopeWords,
  sourceWords, timeWords, whoWords, whyWords,
} from "../src/office/rosterWords";
import { dutyWords } from "../src/words/duty";

const people = [{ id: "p1", name: "Ann Lee" }, { id: "p2", name: "Bo Hill" }];
const answer = (given: Partial<Responsible> = {}): Responsible => ({ who: "person:p1", capacity: "lead", why: [], chain: [], ...given });
const found = (given: Partial<Answer> = {}): Answer => ({ account: "x-1", minute: "2026-11-20T10:00:00Z", answer: answer(), recorded: null, sealed: true, waiting: 0, people, ...given });
const draft = (given: Partial<Draft> = {}): Draft => ({ kind: "absence", who: "person:p1", by: "", scope: "force", reason: "leave", from: "2026-11-20 10:00", to: "", duty: "shift", days: [], starts: "", ends: "", first: "", last: "", nation: "", skip: "", ...given });
const fields = (given: Partial<Draft>): string[] => draftErrors(draft(given)).map(({ field }) => field);

describe("why it fell to somebody", () => {
  it("has words for every code that the server gives", () => {
    const codes = [...(/^Why = Literal\[(.*?)\]/ms.exec(model)?.[1] ?? "").matchAll(/"(\w+)"/g)].map((match) => match[1] ?? "");
    expect(codes.length).toBeGreaterThan(15);
    for (const code of codes) expect(whyWords([code]).toLowerCase(), code).not.toBe(`${code.replaceAll("_", " ")}.`);
  });

  it("is one sentence, and shows a code that it does not know", () => {
    expect(whyWords(["lead_absent", "no_deputy"])).toBe("The lead is away; the account has no deputy.");
    expect(whyWords(["new_code"])).toBe("New code.");
  });

  it("does not say of who has a shift that they stand in", () => {
    expect(capacityWords(answer({ capacity: "cover", why: ["on_shift"] }))).toBe("on shift");
    expect(capacityWords(answer({ capacity: "lead", why: ["on_shift"] }))).toBe("lead");
    expect(capacityWords(answer({ capacity: "cover" }))).toBe("standing in for lead and deputy");
  });
});

describe("as what somebody is on duty", () => {
  it("has words for every code that the server gives, and nothing for nobody", async () => {
    const people = (await import("../../shared/bluelamp/people/model.py?raw")).default;
    const codes = [...(/^OnDuty = Literal\[(.*?)\]/ms.exec(people)?.[1] ?? "").matchAll(/"(\w+)"/g)].map((match) => match[1] ?? "");
    expect(codes).toHaveLength(6);
    for (const code of codes) expect(dutyWords(code), code).not.toContain("on duty as");
    expect(dutyWords("new_code")).toBe("on duty as new code");
    expect([dutyWords(null), dutyWords(undefined)]).toEqual(["", ""]);
  });
});

describe("names", () => {
  it("are those of people, the id where there is none, and of teams", () => {
    expect(whoWords("person:p1", people)).toBe("Ann Lee");
    expect(whoWords("person:gone", people)).toBe("person gone");
    expect(whoWords("team:control", people)).toBe("the control room");
    expect(whoWords("team:north", people)).toBe("team north");
    expect(chainWords([{ who: "person:p2", minutes: 1 }, { who: "team:control", minutes: 10 }], people)).toEqual([
      "Bo Hill, who has 1 minute to answer", "the control room, who has 10 minutes to answer",
    ]);
  });
});

describe("where an answer comes from", () => {
  it("tells the roster from the record, and the record of then from that of now", () => {
    expect(sourceWords(found({ sealed: false }))).toBe("From the roster as it stands now.");
    expect(sourceWords(found())).toContain("said the same");
    expect(sourceWords(found({ recorded: answer({ who: "person:p2" }) }))).toContain("after that minute");
    expect(sourceWords(found({ waiting: 1 }))).toContain("One change is not sealed yet");
    expect(sourceWords(found({ waiting: 2 }))).toContain("2 changes are not sealed yet");
  });
});

describe("entries", () => {
  it("are said in one line with their times by the clock on the wall", () => {
    const absence = { kind: "absence" as const, id: "a", rev: 1, who: "person:p1", reason: "leave", begin: "2026-07-01T08:00:00Z", end: null };
    expect(entryWords(absence, people, [])).toBe("Ann Lee is away: leave");
    expect(timeWords(absence)).toBe("1 July 2026 at 9am to further notice");
    const weekly = { days: [0, 6], starts: "22:00", ends: "06:00", first: "2026-11-22", last: "2027-03-31", nation: "scotland", skip: ["2026-12-24"] };
    const shift = { ...absence, kind: "shift" as const, scope: "force", duty: "on_call", weekly };
    expect(entryWords(shift, people, [])).toBe("Ann Lee for the whole force, on call");
    expect(timeWords(shift)).toBe("Monday and Sunday, 22:00 to 06:00 the next day, from 2026-11-22 to 2027-03-31; not on bank holidays of Scotland; not on 2026-12-24");
    expect(timeWords({ ...shift, weekly: { ...weekly, days: [0, 1, 2, 3, 4, 5, 6], starts: "05:00", nation: null, skip: [] } })).toBe("Every day, 05:00 to 06:00, from 2026-11-22 to 2027-03-31");
    expect(scopeWords("account:x-1", [{ id: "x-1", name: "Force on X" }])).toBe("Force on X");
    expect(scopeWords("force", [])).toBe("the whole force");
  });
});

describe("what was typed", () => {
  it("is a minute, also one that says its distance from UTC", () => {
    expect(minuteOf(" 2026-11-20 10:00 ")).toBe("2026-11-20T10:00");
    expect(minuteOf("2026-10-25T00:30Z")).toBe("2026-10-25T00:30Z");
    for (const typed of ["", "tomorrow", "20/11/2026 10:00", "2026-11-20", "2026-11-20 10:00:30"]) expect(minuteOf(typed)).toBeNull();
    expect(responsiblePath("x 1", "")).toBe("/accounts/x%201/responsible");
    expect(responsiblePath("x-1", "2026-11-20T10:00+01:00")).toBe("/accounts/x-1/responsible?at=2026-11-20T10%3A00%2B01%3A00");
  });

  it("is refused field by field", () => {
    expect(fields({})).toEqual([]);
    expect(fields({ who: "", from: "soon", to: "later" })).toEqual(["roster-who", "roster-from", "roster-to"]);
    expect(fields({ kind: "cover" })).toEqual(["roster-by"]);
    expect(fields({ kind: "cover", by: "person:p1" })).toEqual(["roster-by"]);
    expect(fields({ kind: "shift" })).toEqual(["roster-to"]);
  });

  it("is sent with what its kind has and nothing else", () => {
    const times = { from: "2026-11-20T10:00", to: null };
    expect(entryBody(draft())).toEqual({ kind: "absence", who: "person:p1", reason: "leave", ...times });
    expect(entryBody(draft({ kind: "cover", by: "person:p2" }))).toEqual({ kind: "cover", who: "person:p1", by: "person:p2", ...times });
    expect(entryBody(draft({ kind: "shift", to: "2026-11-20 18:00" }))).toEqual({ kind: "shift", who: "person:p1", scope: "force", duty: "shift", from: times.from, to: "2026-11-20T18:00" });
  });

  it("of a cover that is sent again is the cover as it is", () => {
    const times = { begin: "2026-11-20T10:00:00Z", end: null };
    expect(coverAgain({ kind: "cover", id: "c", rev: 2, who: "person:p1", by: "person:p2", ...times })).toEqual({
      entry: { kind: "cover", who: "person:p1", by: "person:p2", from: times.begin, to: null }, rev: 2,
    });
  });

  it("of a shift that repeats is its pattern, whole or told what is wrong", () => {
    const nights = { kind: "repeating", duty: "control", days: [0, 6], starts: " 22:00", ends: "06:00", first: "2026-11-20", last: "2027-03-31 ", from: "", nation: "scotland", skip: "2026-12-24, 2026-12-31" };
    expect(fields(nights)).toEqual([]);
    expect(entryBody(draft(nights))).toEqual({
      kind: "repeating", who: "person:p1", scope: "force", duty: "control", days: [0, 6], starts: "22:00", ends: "06:00",
      first: "2026-11-20", last: "2027-03-31", nation: "scotland", skip: ["2026-12-24", "2026-12-31"],
    });
    expect(fields({ kind: "repeating", who: "", ends: "24:00", skip: "Christmas" })).toEqual([
      "roster-who", "roster-days-0", "roster-starts", "roster-ends", "roster-first", "roster-last", "roster-skip",
    ]);
    expect(entryBody(draft({ kind: "repeating" }))).toMatchObject({ nation: null, skip: [] });
  });
});
