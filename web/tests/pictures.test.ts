import { describe, expect, it } from "vitest";
import { problemOfAnswer, problemOfPicture, takenOf } from "../src/words/pictures";

const LIMITS = { verb: "reply" as const, types: ["image/jpeg", "image/png"], size: 4 * 1024 * 1024 };
const file = (type: string, size: number): { name: string; type: string; size: number } => ({ name: "map.png", type, size });

describe("a picture with an answer", () => {
  it("is of a type and size that the platform takes, which is said before", () => {
    expect(takenOf(LIMITS, "Facebook")).toBe("Facebook takes JPEG or PNG of 4 MB at the most.");
    expect(problemOfPicture(file("image/png", LIMITS.size), LIMITS, "Facebook")).toBe("");
    expect(problemOfPicture(file("image/gif", 10), LIMITS, "Facebook")).toContain("cannot go with this answer. Facebook takes JPEG or PNG");
    expect(problemOfPicture(file("video/mp4", 10), LIMITS, "Facebook")).toContain("cannot go");
    expect(problemOfPicture(file("image/png", 0), LIMITS, "Facebook")).toContain("is empty");
    expect(problemOfPicture(file("image/png", LIMITS.size + 1), LIMITS, "Facebook")).toMatch(/has 4\.0 MB\..*Save it smaller/);
  });

  it("is waited for, and described", () => {
    expect(problemOfAnswer("reply", null, false)).toBeNull();
    expect(problemOfAnswer("reply", null, true)?.field).toBe("reply-sending");
    expect(problemOfAnswer("reply", { id: "1", alt: " " }, false)).toEqual({ field: "reply-alt", text: "Describe the picture for those who do not see it" });
    expect(problemOfAnswer("private", { id: "1", alt: "x".repeat(1001) }, false)?.field).toBe("private-alt");
    expect(problemOfAnswer("reply", { id: "1", alt: "A map" }, false)).toBeNull();
  });
});
