import { describe, expect, it } from "vitest";
import { e164, type Wishes, wrongWith } from "../src/office/Notices";
import { placeOf } from "../src/office/Outbox";

const WISHES: Wishes = { urgent: ["mail"], ordinary: ["mail"], phone: null, device: null, quiet: null };
const fields = (wishes: Partial<Wishes>): string[] => wrongWith({ ...WISHES, ...wishes }).map(({ field }) => field);

describe("wishes", () => {
  it("takes numbers as people write them", () => {
    expect(["07700 900123", "+44 7700 900-123", "(07700) 900 123"].map(e164)).toEqual(Array(3).fill("+447700900123"));
    expect(e164("112")).toBe("112");
  });

  it("says what is wrong where it is", () => {
    expect(fields({})).toEqual([]);
    expect(fields({ urgent: [] })).toEqual(["notices-urgent-mail"]);
    expect(fields({ phone: "112" })).toEqual(["notices-phone"]);
    expect(fields({ urgent: ["mail", "sms"] })).toEqual(["notices-phone"]);
    expect(fields({ urgent: ["sms"], phone: "+447700900123" })).toEqual([]);
  });

  it("follows a link within the page", () => {
    expect(placeOf("https://x.example/#/calls")).toBe("#/calls");
    expect(placeOf("https://x.example/")).toBe("#/");
  });
});
