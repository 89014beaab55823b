import { describe, expect, it } from "vitest";
import { addressOf, isOffered, parseRoute, screenAt } from "../src/route";

const SCREENS = [{ id: "inbox", needs: "see" }, { id: "accounts", needs: ["accounts", "people"] }, { id: "guide" }];
const at = (id: string, ...permissions: string[]) => screenAt(SCREENS, id, permissions)?.id;

describe("the screen that opens", () => {
  it("is the first that somebody is offered, where the address names none", () => {
    expect(at(parseRoute("").screen, "see", "accounts")).toBe("inbox");
    expect(at("", "people")).toBe("accounts");
    expect(at("")).toBe("guide");
    expect(at("gone", "see")).toBe("inbox");
  });
  it("is the one that the address names, and the server says what is refused there", () => {
    expect(at(parseRoute("#/inbox/account:x-1/p1").screen, "accounts")).toBe("inbox");
  });
  it("is offered for any of the permissions it needs", () => {
    expect([["see"], ["people"], []].map((has) => SCREENS.filter((one) => isOffered(one, has)).map(({ id }) => id)))
      .toEqual([["inbox", "guide"], ["accounts", "guide"], ["guide"]]);
  });
});

describe("the address", () => {
  it("comes back as it was", () => {
    const route = { screen: "inbox", queue: "account:x-1", post: "p/1" };
    expect(parseRoute(addressOf(route))).toEqual(route);
  });
  it("of a post that was opened from the first screen names the inbox", () => {
    expect(addressOf({ ...parseRoute(""), post: "p1" })).toBe("#/inbox/open/p1");
  });
});
