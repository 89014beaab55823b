import { describe, expect, it } from "vitest";
import { comesTwice, londonDay, longDate, momentAt, shortDate, timeOfDay, waiting, wallDate, wallDay, wallOf } from "../src/words/dates";
import { REFERENCE, needsHelp, reasonName, suggestedReason } from "../src/words/terms";
import { pieces, replyLength } from "../src/words/text";

describe("dates", () => {
  it.each([
    ["2026-11-22T16:29:52.123Z", "22 November 2026 at 4:29pm"],
    ["2026-07-01T16:29:00.000Z", "1 July 2026 at 5:29pm"],
    ["2026-07-01T23:30:00.000Z", "2 July 2026 at 12:30am"],
    ["2026-12-31T00:00:00.000Z", "31 December 2026 at midnight"],
    ["2026-12-31T12:00:00.000Z", "31 December 2026 at midday"],
    ["2026-12-31T12:05:00.000Z", "31 December 2026 at 12:05pm"],
    ["2026-12-31T09:00:00.000Z", "31 December 2026 at 9am"],
    ["2026-10-25T00:30:00.000Z", "25 October 2026 at 1:30am"],
    ["2026-10-25T01:30:00.000Z", "25 October 2026 at 1:30am"],
    ["rubbish", "unknown time"],
  ])("%s is %s", (iso, words) => {
    expect(longDate(iso)).toBe(words);
  });

  it.each([
    ["2026-07-01T16:29", "1 July 2026 at 4:29pm"],
    ["2026-12-31T00:00", "31 December 2026 at midnight"],
    ["rubbish", "unknown time"],
  ])("%s on the wall is %s", (wall, words) => {
    expect(wallDate(wall)).toBe(words);
  });

  it("knows the night in which an hour comes twice, and no other", () => {
    expect(["2026-10-25T00:59", "2026-10-25T01:00", "2026-10-25T01:59", "2026-10-25T02:00", "2026-03-29T01:30", "2026-07-01T01:30", "x"].map(comesTwice))
      .toEqual([false, true, true, false, false, false, false]);
  });

  it("goes from the clock in London to the moment and back", () => {
    expect(wallOf("2026-07-01T16:29:31.000Z")).toBe("2026-07-01T17:29");
    expect(momentAt("2026-07-01T17:29")).toBe("2026-07-01T16:29:00.000Z");
    expect(momentAt("2026-12-01T17:29")).toBe("2026-12-01T17:29:00.000Z");
    expect(momentAt("2026-10-25T01:30")).toBe("2026-10-25T00:30:00.000Z");
    expect(momentAt("2026-03-29T01:30")).toBe("2026-03-29T01:30:00.000Z");
  });

  it("has the days of London", () => {
    expect(londonDay(new Date("2026-07-01T23:30:00Z"))).toBe("2026-07-02");
    expect(wallDay("2026-07-02")).toBe("Thursday 2 July 2026");
    expect(timeOfDay("2026-07-01T23:30:00Z")).toBe("12:30am");
  });

  it("shortens by how far away the day is", () => {
    const now = new Date("2026-11-22T18:00:00Z");
    expect(shortDate("2026-11-22T16:29:00Z", now)).toBe("4:29pm");
    expect(shortDate("2026-11-21T16:29:00Z", now)).toBe("21 Nov, 4:29pm");
    expect(shortDate("2025-11-21T16:29:00Z", now)).toBe("21 Nov 2025");
  });

  it("tells the wait in whole units", () => {
    const now = new Date("2026-11-22T18:00:00Z");
    expect(waiting("2026-11-22T17:59:30Z", now)).toBe("just now");
    expect(waiting("2026-11-22T17:59:00Z", now)).toBe("1 minute");
    expect(waiting("2026-11-22T15:01:00Z", now)).toBe("2 hours");
    expect(waiting("2026-11-19T15:01:00Z", now)).toBe("3 days");
    expect(waiting("2026-11-22T18:05:00Z", now)).toBe("just now");
  });
});

describe("marked spans", () => {
  it("count code points, not UTF-16 units", () => {
    expect(pieces("😡😡 scum", [[3, 7]])).toEqual([{ text: "😡😡 ", marked: false }, { text: "scum", marked: true }]);
  });

  it("survive overlap, wrong order and the end of the text", () => {
    expect(pieces("abcdef", [[1, 3], [2, 4]]).map(({ text }) => text)).toEqual(["a", "bcd", "ef"]);
    expect(pieces("abc", [[2, 1], [-5, 1], [2, 99]]).filter(({ marked }) => marked).map(({ text }) => text)).toEqual(["a", "c"]);
    expect(pieces("", [[0, 3]])).toEqual([]);
  });
});

describe("the length of a reply", () => {
  it("is counted as X counts", () => {
    expect(replyLength("x", "Hello")).toBe(5);
    expect(replyLength("x", "See https://wealdshire.example/a/very/long/address?with=query now")).toBe(4 + 23 + 4);
    expect(replyLength("x", "👨‍👩‍👧")).toBe(2);
    expect(replyLength("x", "日本")).toBe(4);
    expect(replyLength("x", "’")).toBe(1);
  });

  it("is counted in letters elsewhere, without the blanks around", () => {
    expect(replyLength("facebook", "  日本 ")).toBe(2);
  });
});

describe("reasons", () => {
  it("suggest a ground for removal only", () => {
    expect(suggestedReason(["appeal_lead", "hate"])).toBe("hate");
    expect(suggestedReason(["appeal_lead"])).toBeNull();
    expect(suggestedReason([])).toBeNull();
  });

  it("never suggest hiding a call for help", () => {
    expect(suggestedReason(["abuse", "life_risk"])).toBeNull();
    expect(needsHelp(["self_harm"])).toBe(true);
    expect(needsHelp(["abuse"])).toBe(false);
  });

  it("take a reference with a number and without words", () => {
    for (const good of ["42/12345/26", "POL-7.3", "7"]) expect(good).toMatch(REFERENCE);
    for (const bad of ["Mr Smith", "policy", "a b 1", "x".repeat(41), ""]) expect(bad).not.toMatch(REFERENCE);
  });

  it("show an unknown code as words", () => {
    expect(reasonName("brand_new_code")).toBe("Brand new code");
  });
});
