import { describe, expect, it } from "vitest";
import { type Noted, Readings } from "../src/office/readings";

const noted = (path: string, value: unknown): Noted => ({ path, value, at: 0, again: () => undefined });

describe("what one part has read and another shows", () => {
  it("is found by the end of its path, wherever it was read from", () => {
    const readings = new Readings();
    readings.note(noted("/publications/P/assets/A", 1));
    readings.note(noted("/assets/B", 2));
    expect(readings.find("/assets/A")?.value).toBe(1);
    expect(readings.find("/assets/B")?.value).toBe(2);
    expect(readings.find("/assets/C")).toBeUndefined();
  });

  it("is the newest of its path, and goes with whoever read it", () => {
    const readings = new Readings();
    const forgetOld = readings.note(noted("/assets/A", "old"));
    const forgetNew = readings.note(noted("/assets/A", "new"));
    forgetOld();
    expect(readings.find("/assets/A")?.value).toBe("new");
    forgetNew();
    expect(readings.find("/assets/A")).toBeUndefined();
  });
});
