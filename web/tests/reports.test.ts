import { describe, expect, it } from "vitest";
import { addressOf, bars, shownCell, type ReportTable } from "../src/office/reportWords";

const table = (rows: ReportTable["rows"], chart: number | null = 1): ReportTable => ({
  caption: "Contacts by day", columns: [{ name: "Day", number: false }, { name: "Contacts", number: true }], rows, chart,
});

describe("where a report is read", () => {
  it("names what was asked for and nothing else", () => {
    expect(addressOf({ name: "volume", month: "", account: "" })).toBe("/reports/volume");
    expect(addressOf({ name: "volume", month: "2026-11", account: "x-2", csv: true })).toBe("/reports/volume?month=2026-11&account=x-2&format=csv");
  });

  it("is nowhere while the month is half typed", () => {
    for (const month of ["2026", "2026-1", "2026-13", "11/2026"]) expect(addressOf({ name: "volume", month, account: "" })).toBeNull();
    expect(addressOf({ name: "", month: "", account: "" })).toBeNull();
  });
});

describe("bars", () => {
  it("are shares of the longest", () => {
    expect(bars(table([["Monday", 4], ["Tuesday", 1], ["Wednesday", 0]])).map(({ share }) => share)).toEqual([1, 0.25, 0]);
  });

  it("are none without a column, or without a number above nought", () => {
    expect(bars(table([["Monday", 4]], null))).toEqual([]);
    expect(bars(table([["Monday", 0]]))).toEqual([]);
    expect(bars(table([]))).toEqual([]);
  });

  it("tell what is withheld in words, and cut long names", () => {
    const [, few] = bars(table([["a", 9], ["A page with a very long name indeed", "fewer than 5"]]));
    expect(few).toEqual({ name: "A page with a very long n…", words: "fewer than 5", share: 0 });
  });
});

describe("a cell", () => {
  it("is shown as people write it", () => {
    expect([shownCell(86400), shownCell(33.3), shownCell(0.000012), shownCell(null), shownCell("never")])
      .toEqual(["86,400", "33.3", "0.000012", "none", "never"]);
  });
});
