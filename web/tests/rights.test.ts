import { describe, expect, it } from "vitest";
import { pieces, points, timeLeft } from "../src/office/rightsWords";

const due = (days_left: number | null, waits_for: "identity" | null = null) => ({ on: "2026-12-21", days_left, waits_for, rule: "" });
const span = (begin: number, end: number) => ({ begin, end, ground: "third_party" as const, exemption: null });

describe("time left", () => {
  it("is said in words and number", () => {
    expect(timeLeft(due(1))).toBe("1 day left: due 2026-12-21");
    expect(timeLeft(due(0))).toBe("Due today, 2026-12-21");
    expect(timeLeft(due(-3))).toBe("Overdue by 3 days: was due 2026-12-21");
    expect(timeLeft(due(null, "identity"))).toBe("Clock stopped: waits for identity");
    expect(timeLeft(due(null))).toBe("Finished");
  });
});

describe("redaction", () => {
  it("counts code points where the browser counts units", () => {
    expect(points("a😀b", 3)).toBe(2);
    expect(points("a😀b", 4)).toBe(3);
  });

  it("shows what is gone as one piece where parts touch", () => {
    expect(pieces("a😀bcd", [span(1, 2), span(2, 4)])).toEqual([
      { text: "a", gone: false }, { text: "😀bc", gone: true }, { text: "d", gone: false },
    ]);
    expect(pieces("", [])).toEqual([]);
  });
});
