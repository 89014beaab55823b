import { describe, expect, it } from "vitest";
import { type Line, connectWords, leadsOut, tokenWords } from "../src/office/connectionWords";

const line = (more: Partial<Line> = {}): Line => ({ connection: "connected", token: "working", token_refused_at: null, token_expires_at: null, reconnect: null, data_until: null, lacks: [], consent: null, consent_said: null, ...more });

describe("an account's token in words", () => {
  it("tells when it ends and that it is renewed", () => {
    expect(tokenWords(line({ token_expires_at: "2026-11-23T11:00:00.000Z" }))).toEqual({ words: "Connected; its token is renewed before it ends on 23 November 2026 at 11am", urgent: false });
    expect(tokenWords(line()).words).toBe("Connected; its token has no end");
    expect(tokenWords(line({ connection: "renewing" })).urgent).toBe(false);
  });
  it("says why a person must connect it again, whatever else is known", () => {
    expect(tokenWords(line({ connection: "reconnect", token: "refused", reconnect: "answer_lost" }))).toEqual({ words: "Connect this account again: the platform’s answer to the last renewal was lost", urgent: true });
    expect(tokenWords(line({ connection: "reconnect", reconnect: "new_code" })).words).toBe("Connect this account again");
    expect(tokenWords(line({ connection: "disconnected" })).urgent).toBe(true);
    expect(tokenWords(line({ token: "refused", token_refused_at: "2026-11-23T11:00:00.000Z" })).words).toContain("since 23 November 2026 at 11am");
  });
  it("tells what became of the consent of a disconnected account", () => {
    const words = (consent: Line["consent"], consent_said: string | null = null): string => tokenWords(line({ connection: "disconnected", consent, consent_said })).words;
    expect(words(null)).toBe("Not connected: nothing is read or sent here");
    expect(words("to_end")).toContain("about to be told");
    expect(words("ended")).toContain("has ended its consent");
    expect(words("page_left")).toContain("until they take it back");
    expect(words("stands", "platform_timed_out")).toContain("may still stand (it said platform_timed_out)");
  });
  it("warns two weeks before the platform ceases to give data, and names what was not allowed", () => {
    const now = Date.parse("2026-11-23T11:00:00.000Z");
    const far = tokenWords(line({ data_until: "2026-12-08T11:00:00.000Z" }), now);
    expect(far).toEqual({ words: "Connected; the platform gives data until 8 December 2026 at 11am", urgent: false });
    const near = tokenWords(line({ data_until: "2026-12-07T10:00:00.000Z" }), now);
    expect(near.urgent).toBe(true);
    expect(near.words).toContain("connect it again before");
    const less = tokenWords(line({ lacks: ["pages_messaging"] }), now);
    expect(less.urgent).toBe(true);
    expect(less.words).toContain("Not allowed: pages_messaging");
  });
  it("knows little of a token that was set by hand", () => {
    expect(tokenWords(line({ connection: "by_hand" })).words).toContain("nothing renews it");
    expect(tokenWords(line({ connection: "by_hand", token: "unknown" })).words).toBe("Nothing is known of its token yet");
  });
  it("offers to connect, or to connect again", () => {
    expect(["by_hand", "disconnected", "connected", "reconnect"].map((connection) => connectWords(line({ connection: connection as Line["connection"] })))).toEqual(["Connect", "Connect", "Reconnect", "Reconnect"]);
  });
  it("leads nowhere but to a page", () => {
    expect(["https://x.com/i", "http://127.0.0.1:4700/x", "javascript:alert(1)", "http://evil.test/", "http://localhost.evil.test/"].map(leadsOut)).toEqual([true, true, false, false, false]);
  });
});
