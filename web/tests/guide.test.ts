import { describe, expect, it } from "vitest";
import { day, lacks, type Lacking, toRead, type Version } from "../src/office/Guide";

const nobody: Lacking = {
  id: "p", name: "P", email: "p@example.org", acknowledged: null,
  guide_missing: false, training_missing: [], training_expired: [], training_expiring: [],
};
const version = (name: string, state: Version["state"]): Version => ({ version: name, effective_from: "2026-11-01", kind: "text", sha256: "", length: 1, state });

describe("the guide's screen", () => {
  it("says what somebody lacks, in words", () => {
    const law = { course: "law", on: "2026-01-01", until: "2026-12-01" };
    expect(lacks({ ...nobody, guide_missing: true, training_missing: ["media"], training_expiring: [law] }))
      .toBe("guide not acknowledged; no training media; law runs out on 1 December 2026");
    expect(lacks(nobody)).toBe("");
  });

  it("opens the guide in force, or the next to come", () => {
    const next = version("2026.2", "to_come");
    const later = version("2026.3", "to_come");
    expect(toRead({ current: version("2026.1", "in_force"), versions: [later, next] })?.version).toBe("2026.1");
    expect(toRead({ current: null, versions: [later, next] })?.version).toBe("2026.2");
    expect(toRead({ current: null, versions: [] })).toBeNull();
  });

  it("writes a day as the United Kingdom does", () => {
    expect(day("2026-06-30")).toBe("30 June 2026");
  });
});
