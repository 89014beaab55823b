import { describe, expect, it } from "vitest";
import { names, offered, signpostOf } from "../src/words/signpost";

const reason = (...effects: string[]) => ({ code: "x", rule: "x", label: "x", grade: 0, spans: [], effects, timer_minutes: null });

describe("where a post is pointed to", () => {
  it("is 999 when somebody is to be alerted, 101 when it can wait, and nowhere otherwise", () => {
    expect(signpostOf({ reasons: [reason("queue_timer", "propose_signpost"), reason("alert_person", "propose_signpost")] })).toBe("999");
    expect(signpostOf({ reasons: [reason("queue_timer", "propose_signpost")] })).toBe("101");
    expect(signpostOf({ reasons: [reason("alert_person")] })).toBeNull();
  });
});

describe("saved replies", () => {
  const [thanks, report, emergency] = [
    { title: "Thanks", text: "Thank you." },
    { title: "Report", text: "Please call 101." },
    { title: "Emergency", text: "In an emergency call 999." },
  ];
  it("that name the number come first", () => {
    expect(offered([thanks, report, emergency], "999")).toEqual([emergency, thanks, report]);
    expect(offered([thanks, report, emergency], null)).toEqual([thanks, report, emergency]);
  });
  it("name a number only where it stands by itself", () => {
    expect(names("Reference 42/1010/26", "101")).toBe(false);
    expect(names("Call 101, please", "101")).toBe(true);
  });
});
