// Posts and a stand-in for the server, for the tests.
import type { Api } from "../src/api";
import type { Me, PostSummary } from "../src/types";
import type { Patch } from "../src/state/posts";
import { overlaid } from "../src/state/posts";

export const ME: Me = {
  person: { id: "sub-1", name: "Priya Shah", role: "comms", teams: [], email: "priya.shah@wealdshire.example" },
  session: { expires_at: "2026-11-22T22:00:00.000Z" },
  force: { name: "Wealdshire Police", slug: "wealdshire" },
  permissions: ["claim", "release", "hide", "unhide", "delete", "reply", "dismiss", "flag", "note"],
  guide_version: null,
  on_duty_as: null,
  gate: { open: true, code: null, detail: "", see: null },
};

export function post(id: string, patch: Patch = {}): PostSummary {
  const base: PostSummary = {
    id, platform: "facebook", account: "facebook-1", account_name: "Ashbrook Police", kind: "comment", direction: "in",
    thread: "t1", parent: null, author: { name: "Sue Pike", handle: null }, text: `Text of ${id}`, media: [],
    permalink: null, event_at: "2026-11-22T16:00:00.000Z", received_at: "2026-11-22T16:00:01.000Z",
    updated_at: "2026-11-22T16:00:01.000Z", state: "visible", rev: 2, private: false, edited: false,
    case: {
      state: "open", risk: "none", grade: 0, reasons: [], claimed_by: null, claimed_at: null, decision: null,
      flagged_to: null,
    },
  };
  return overlaid(base, { key: "", patch });
}

export type FakeApi = { [name in keyof Api]?: Api[name] };

/** Only the calls a test names exist; any other is a mistake of the test. */
export const fakeApi = (calls: FakeApi): Api => calls as unknown as Api;
