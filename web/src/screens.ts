// The screens in the order of the navigation. A screen joins the frame by one line here; those of the office are
// fetched when they are opened, and shown to whom their verb is given.
import type { ComponentType } from "preact";
import { Inbox } from "./views/Inbox";
import { lazy } from "./views/lazy";
import { Moderation } from "./views/Moderation";

export interface Screen {
  id: string;
  name: string;
  view: ComponentType;
  /** The permission without which it is not offered; the server decides all the same. */
  needs?: string;
}

export const SCREENS: readonly Screen[] = [
  { id: "inbox", name: "Inbox", view: Inbox },
  { id: "moderation", name: "Moderation", view: Moderation },
];

export const OFFICE: readonly Screen[] = [
  { id: "approvals", name: "Approvals", view: lazy(() => import("./office/Approvals")), needs: "approve" },
  { id: "accounts", name: "Accounts", view: lazy(() => import("./office/Accounts")), needs: "accounts" },
  { id: "people", name: "People", view: lazy(() => import("./office/People")), needs: "people" },
  { id: "digest", name: "Hand-over", view: lazy(() => import("./office/Digest")), needs: "see" },
  { id: "calls", name: "Calls", view: lazy(() => import("./office/Calls")), needs: "see" },
  { id: "roster", name: "Roster", view: lazy(() => import("./office/Roster")), needs: "accounts" },
  { id: "guide", name: "Media Guide", view: lazy(() => import("./office/Guide")) },
  { id: "checks", name: "Daily checks", view: lazy(() => import("./office/Checks")), needs: "checks" },
  { id: "rights", name: "Rights", view: lazy(() => import("./office/Rights")), needs: "cases" },
  { id: "reports", name: "Reports", view: lazy(() => import("./office/Reports")), needs: "report" },
  { id: "notices", name: "Notices", view: lazy(() => import("./office/Notices")) },
  { id: "outbox", name: "Outbox", view: lazy(() => import("./office/Outbox")), needs: "people" },
];
