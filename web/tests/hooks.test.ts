import { describe, expect, it } from "vitest";
import { wrongWith } from "../src/office/Hooks";

const GOOD = { name: "Command and control", url: "https://cad.force.example/in", kinds: ["case_opened"] };

describe("a hook", () => {
  it("is sent when nothing is wrong with it", () => {
    expect(wrongWith("hook", GOOD)).toEqual([]);
  });

  it("says what is wrong at the field that it is wrong with", () => {
    const errors = wrongWith("hook", { name: " ", url: "http://cad.force.example/in", kinds: [] });
    expect(errors.map((error) => error.field)).toEqual(["hook-name", "hook-url", "hook-kind-case_opened"]);
  });
});
