import { describe, expect, it } from "vitest";
import { ROLE_OPTIONS, inForce, listPath, reported } from "../src/office/people";

describe("the list of people", () => {
  it("asks for what was filled in, and for nothing else", () => {
    expect(listPath({ name: " ", role: "", status: "" }, null)).toBe("/people");
    expect(listPath({ name: " Ann & Bo ", role: "local", status: "active" }, "c=1")).toBe(
      "/people?name=Ann+%26+Bo&role=local&status=active&cursor=c%3D1",
    );
  });

  it("names each role", () => {
    expect(ROLE_OPTIONS).toHaveLength(7);
    for (const { value, words } of ROLE_OPTIONS) expect(words).not.toBe(value);
  });
});

describe("access for a time", () => {
  const given = { id: "g", account: "a", gives: "desk" as const, begins_at: "2026-11-22T16:00:00Z", ends_at: "2026-11-23T16:00:00Z" };
  it.each([
    ["2026-11-22T15:59:59Z", false],
    ["2026-11-22T16:00:00Z", true],
    ["2026-11-23T16:00:00Z", false],
  ])("at %s", (now, expected) => {
    expect(inForce(given, new Date(now))).toBe(expected);
  });
});

describe("a file of people", () => {
  it("is reported as what would be and as what was", () => {
    const report = { applied: false, created: 2, changed: 1, unchanged: 3, bad: 1, findings: [] };
    expect(reported(report)).toBe("2 would be added, 1 would be changed, 3 unchanged; 1 line is wrong.");
    expect(reported({ ...report, applied: true, bad: 0 })).toBe("2 added, 1 changed, 3 unchanged; no line is wrong.");
  });
});
