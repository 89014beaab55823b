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
  /**
   * It is offered to whoever has one of these permissions; the server decides all the same. Inbox and moderation stand
   * in the bar for everybody, as somebody may have been given one account to read; they open by themselves for no others.
   */
  needs?: string | readonly string[];
}

export const SCREENS: readonly Screen[] = [
  { id: "inbox", name: "Inbox", view: Inbox, needs: "see" },
  { id: "moderation", name: "Moderation", view: Moderation, needs: "see" },
];

export const OFFICE: readonly Screen[] = [
  { id: "approvals", name: "Approvals", view: lazy(() => import("./office/Approvals")), needs: "approve" },
  { id: "incidents", name: "Incidents", view: lazy(() => import("./office/Incidents")), needs: "incidents" },
  { id: "underway", name: "Under way", view: lazy(() => import("./office/UnderWay")), needs: "see" },
  { id: "compose", name: "Compose", view: lazy(() => import("./office/Compose")), needs: "draft" },
  { id: "calendar", name: "Calendar", view: lazy(() => import("./office/Calendar")), needs: "draft" },
  { id: "appeals", name: "Appeals", view: lazy(() => import("./office/Appeals")), needs: "appeals" },
  { id: "accounts", name: "Accounts", view: lazy(() => import("./office/Accounts")), needs: "accounts" },
  { id: "people", name: "People", view: lazy(() => import("./office/People")), needs: "people" },
  { id: "groups", name: "Groups", view: lazy(() => import("./office/Groups")), needs: "people" },
  { id: "digest", name: "Hand-over", view: lazy(() => import("./office/Digest")), needs: "see" },
  { id: "calls", name: "Calls", view: lazy(() => import("./office/Calls")), needs: "see" },
  { id: "roster", name: "Roster", view: lazy(() => import("./office/Roster")), needs: "accounts" },
  { id: "guide", name: "Media Guide", view: lazy(() => import("./office/Guide")) },
  { id: "checks", name: "Daily checks", view: lazy(() => import("./office/Checks")), needs: "checks" },
  { id: "replies", name: "Replies and tags", view: lazy(() => import("./office/Replies")), needs: ["replies", "tags"] },
  { id: "rights", name: "Rights", view: lazy(() => import("./office/Rights")), needs: "cases" },
  { id: "reports", name: "Reports", view: lazy(() => import("./office/Reports")), needs: "report" },
  { id: "notices", name: "Notices", view: lazy(() => import("./office/Notices")) },
  { id: "hooks", name: "Hooks", view: lazy(() => import("./office/Hooks")), needs: "hooks" },
  { id: "outbox", name: "Outbox", view: lazy(() => import("./office/Outbox")), needs: "people" },
];
