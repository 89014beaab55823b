import { describe, expect, it } from "vitest";
import { type Exempt, boundOf, exemptOf, nameOf, policyErrors, problemOf, sameAuthor } from "../src/office/exemptWords";

const KEY = "0123456789abcdef".repeat(4);
const nobody = { platform: "x", who: "", label: "" };
const echo: Exempt = { platform: "x", handle: "@Echo", author_key: null, label: "The Echo" };

describe("an author whom no order touches", () => {
  it("is taken by the handle, or by the key of records", () => {
    expect(exemptOf({ platform: "x", who: " @mail ", label: " Press " })).toEqual({ platform: "x", handle: "mail", label: "Press" });
    expect(exemptOf({ platform: "facebook", who: KEY.toUpperCase(), label: "" })).toEqual({ platform: "facebook", author_key: KEY, label: "" });
  });

  it("is called by the handle, or by the beginning of the key", () => {
    expect(nameOf(echo)).toBe("@Echo");
    expect(nameOf({ platform: "facebook", handle: null, author_key: KEY, label: "" })).toBe("the author with the key 0123456789ab…");
    expect(nameOf({ platform: "x", label: "" })).toContain("nobody");
  });

  it("is the same however the handle is written, and another on another platform", () => {
    expect(sameAuthor(echo, exemptOf({ ...nobody, who: "ECHO" }))).toBe(true);
    expect(sameAuthor(echo, exemptOf({ ...nobody, platform: "facebook", who: "echo" }))).toBe(false);
    expect(sameAuthor(echo, exemptOf({ ...nobody, who: KEY }))).toBe(false);
  });

  it("is not put on the list empty, twice, with too many words, or beyond the most", () => {
    expect(problemOf({ ...nobody, who: " @ " }, [])).toContain("Enter the handle");
    expect(problemOf(nobody, [])).toContain("Enter the handle");
    expect(problemOf({ ...nobody, platform: "", who: "a" }, [])).toContain("platform");
    expect(problemOf({ ...nobody, who: "echo" }, [echo])).toContain("already");
    expect(problemOf({ ...nobody, who: "a".repeat(101) }, [])).toContain("100 characters");
    expect(problemOf({ ...nobody, who: "a", label: "a".repeat(101) }, [])).toContain("100 characters");
    expect(problemOf({ ...nobody, who: "mail" }, Array.from({ length: 500 }, () => echo))).toContain("500");
    expect(problemOf({ ...nobody, who: "mail" }, [echo])).toBe("");
  });
});

describe("the policy that is sent", () => {
  it("has a bound that is a whole number within what the server takes", () => {
    expect(["1", " 25 ", "1000"].map(boundOf)).toEqual([1, 25, 1000]);
    for (const wrong of ["", "0", "1001", "2.5", "-3", "many", "1e3"]) expect(policyErrors(wrong, nobody).map(({ field }) => field)).toEqual(["policy-bound"]);
    expect(policyErrors("1000", nobody)).toEqual([]);
  });

  it("waits for an author who was typed and not put on the list", () => {
    expect(policyErrors("25", { ...nobody, who: "mail" }).map(({ field }) => field)).toEqual(["policy-who"]);
  });
});
