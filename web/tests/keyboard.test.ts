import { describe, expect, it } from "vitest";
import { type Press, SHORTCUTS, commandFor } from "../src/keyboard";
import { rowsInSight, scrollFor } from "../src/views/window";

const press = (key: string, more: Partial<Press> = {}): Press =>
  ({ key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, ...more });

describe("keys", () => {
  it.each([
    ["j", "next"], ["k", "previous"], ["x", "select"], ["h", "hide"], ["r", "reply"], ["a", "claim"], ["e", "dismiss"],
    ["z", "undo"], ["/", "filter"], [".", "more"], ["?", "help"],
  ])("%s means %s, and nothing when letters are off", (key, command) => {
    expect(commandFor(press(key), true)).toBe(command);
    expect(commandFor(press(key), false)).toBeNull();
  });

  it("arrows and Enter stay when letters are off", () => {
    expect(commandFor(press("ArrowDown"), false)).toBe("next");
    expect(commandFor(press("Enter"), false)).toBe("open");
  });

  it("leaves the browser's own shortcuts alone", () => {
    expect(commandFor(press("h", { ctrlKey: true }), true)).toBeNull();
    expect(commandFor(press("r", { metaKey: true }), true)).toBeNull();
    expect(commandFor(press("ArrowDown", { altKey: true }), true)).toBeNull();
  });

  it("a held key moves but never acts twice", () => {
    expect(commandFor(press("j", { repeat: true }), true)).toBe("next");
    expect(commandFor(press("h", { repeat: true }), true)).toBeNull();
    expect(commandFor(press("e", { repeat: true }), true)).toBeNull();
  });

  it("every key in the help works", () => {
    for (const { key } of SHORTCUTS) expect(commandFor(press(key), true), key).not.toBeNull();
  });
});

describe("the window of rows", () => {
  it("draws what is in sight and a little around", () => {
    const rows = rowsInSight(5000, 92, { top: 92 * 100, height: 920 }, 105);
    expect(rows[0]).toBe(94);
    expect(rows.at(-1)).toBe(116);
  });

  it("always draws the active row", () => {
    expect(rowsInSight(5000, 92, { top: 0, height: 920 }, 4000)).toContain(4000);
    expect(rowsInSight(5000, 92, { top: 92 * 4000, height: 920 }, 3)[0]).toBe(3);
    expect(rowsInSight(0, 92, { top: 0, height: 920 }, -1)).toEqual([]);
  });

  it("scrolls no further than needed", () => {
    const sight = { top: 920, height: 920 };
    expect(scrollFor(12, 92, sight)).toBe(920);
    expect(scrollFor(9, 92, sight)).toBe(828);
    expect(scrollFor(20, 92, sight)).toBe(21 * 92 - 920);
  });
});
