import { describe, expect, it } from "vitest";
import { FITTING, BASES, idsIn, standing, taken, type Copy } from "../src/office/appealWords";

const copy = (more: Partial<Copy>): Copy => ({ account: "x-1", account_name: "X", platform: "x", state: "out", out_at: null, down_at: null, error: null, remaining: true, updated: false, ...more });

describe("appeals", () => {
  it("says how long it took", () => {
    expect([1, 30, 60, 125, 4320].map(taken)).toEqual(["1 minute", "30 minutes", "1 hour", "2 hours 5 minutes", "3 days"]);
    expect(taken(null)).toBe("");
  });
  it("says what stands on an account, with the platform's answer", () => {
    expect(standing(copy({}))).toBe("To be seen");
    expect(standing(copy({ error: "rate_limited" }))).toContain("rate_limited");
    expect(standing(copy({ updated: true }))).toContain("Updated");
    expect(standing(copy({ state: "down", remaining: false }))).toBe("Taken down");
  });
  it("finds the numbers of publications in what was typed, each once", () => {
    const id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    expect(idsIn(`#/calendar/${id}, ${id.toLowerCase()} and nothing`)).toEqual([id]);
  });
  it("offers a basis for each kind, and only known ones", () => {
    for (const each of Object.values(FITTING)) for (const basis of each) expect(BASES[basis]).toBeDefined();
  });
});
