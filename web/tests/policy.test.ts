import { describe, expect, it } from "vitest";
import { type Policy, policyWords } from "../src/office/policy";

const base: Policy = { delete: ["comms"], publish: [], reply: ["comms", "local"], approve_delete: null, approve_publish: null, approve_reply: null };

describe("an account's policy in words", () => {
  it("names who may", () => {
    expect(policyWords(base)).toEqual(["Deleted by the communications team", "Answered by the communications team and the local team"]);
  });
  it("names who has to agree, and says when nobody may", () => {
    expect(policyWords({ ...base, delete: [], reply: ["control"], approve_reply: "lead" })).toEqual([
      "Deleted by nobody", "Answered by the control room, once the lead or the deputy has agreed",
    ]);
  });
});
