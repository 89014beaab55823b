// The shapes of the HTTP API and the live link, typed once at the border.

export type Risk = "none" | "low" | "medium" | "high" | "critical";
export type Verb =
  | "claim" | "release" | "hide" | "unhide" | "delete" | "reply" | "dismiss" | "flag" | "note"
  | "assign" | "unassign" | "tag" | "untag" | "reference" | "ban" | "unban" | "like" | "message" | "report_post";
export type PostState =
  | "visible" | "hiding" | "hidden" | "unhiding" | "deleting" | "deleted" | "removed" | (string & {});

export interface Named { id: string; name: string }

export interface Reason {
  code: string;
  rule: string;
  label: string;
  /** Start and end in code points of the post's text, as the server counts them. */
  spans: [number, number][];
  /** What the rule asks of people: "alert_person", "propose_signpost", … */
  effects: string[];
}

export interface Case {
  state: "unjudged" | "open" | "closed";
  risk: Risk;
  /** 0 to 9, 9 is worst. */
  grade: number;
  reasons: Reason[];
  claimed_by: Named | null;
  claimed_at: string | null;
  decision: string | null;
  flagged_to: string | null;
  assigned_to?: Named | null;
  tags?: string[];
  refs?: string[];
}

export interface PostSummary {
  id: string;
  platform: string;
  account: string;
  account_name: string;
  kind: "post" | "comment" | "reply" | "mention" | "message";
  direction: "in" | "out";
  thread: string;
  parent: string | null;
  author: { name: string | null; handle: string | null };
  text: string;
  media: { kind: string }[];
  permalink: string | null;
  event_at: string;
  received_at: string;
  updated_at: string;
  state: PostState;
  rev: number;
  private: boolean;
  edited: boolean;
  case: Case;
  /** What somebody asked for that a second person has not approved yet. */
  proposed?: { action: string; verb: "delete" | "reply" | "message"; by: Named; at: string; until: string } | null;
  /** Left out by the live link, which speaks to many people at once. */
  can?: string[];
}

export interface Action {
  id: string;
  verb: string;
  state: "pending" | "sending" | "released" | "done" | "failed" | "cancelled" | "unknown" | "proposed" | "rejected" | "withdrawn" | "expired" | "overtaken";
  at: string;
  by: Named;
  reason: { code: string; ref?: string | null } | null;
  done_at: string | null;
  error: string | { code: string } | null;
  /** Why it did not come to what was asked for, in words. */
  why?: string | null;
  settled_by?: Named | null;
  /** The platform's own number for what was reported to it. */
  reference?: string | null;
  picture?: Picture | null;
}

/** The picture that goes with an answer, described for those who do not see it. */
export interface Picture { id: string; alt: string }

/** What picture may go with the words of a verb: media types, and bytes at the most. */
export interface PictureLimits { verb: "reply" | "message"; types: string[]; size: number }

export interface Note { id: string; at: string; by: Named; text: string; mentions?: Named[] }

export interface HistoryEntry {
  leaf_id: string;
  type: string;
  at: string;
  actor: { kind: string; role?: string | null; on_duty_as?: string | null; sub?: string | null; name?: string | null };
  detail: Record<string, unknown>;
  sealed: boolean;
  seq: number | null;
  year: number | null;
  /** The record's bytes, where the server sends them along. */
  leaf?: string | null;
}

export interface PostDetail {
  post: PostSummary;
  thread: PostSummary[];
  actions: Action[];
  notes: Note[];
  history: HistoryEntry[];
  pictures?: PictureLimits[];
}

export interface InclusionProof {
  origin: string;
  checkpoint: string;
  index: number;
  size: number;
  leaf: string;
  proof: string[];
  vkey: string;
}

/** Whether the person may act; when not, what is missing, in words. */
export interface GateState { open: boolean; code: string | null; detail: string; see: string | null }

export interface Me {
  person: { id: string; name: string; role: string; teams: string[]; email: string };
  session: { expires_at: string };
  force: { name: string; slug: string };
  permissions: string[];
  guide_version: string | null;
  on_duty_as: string | null;
  gate: GateState;
  /** Open incidents that concern the person. */
  incidents?: { id: string; code: string }[];
}

export interface Account {
  id: string;
  platform: string;
  name: string;
  handle: string | null;
  kind: string;
  team: string;
  lead: string | Named | null;
  deputy: string | Named | null;
  status: string;
  capabilities: string[];
}

export interface QueuePage {
  posts: PostSummary[];
  next: string | null;
  counts: { open: number | null };
  /** Proves for half an hour that this person saw the open queue of this one account. */
  looked?: string | null;
}

export interface Check {
  account: string;
  day: string;
  state: "open" | "checked" | "due" | "missed" | "none";
  due_at: string;
  at: string | null;
  by: Named | null;
  capacity: "lead" | "deputy" | "other" | null;
}

export interface QueueQuery {
  view: "open" | "done";
  account?: string;
  min_risk?: Risk;
  assigned?: "me";
  tag?: string;
  cursor?: string;
  limit?: number;
}

export interface Changes { posts: PostSummary[]; cursor: string; reset: boolean }
export interface Ticket { ticket: string; url: string; expires_at: string; cursor: string }
export interface WriteResult { post: PostSummary; action: Action | null }

export interface LiveMessage { type: string; account: string; seq: number; posts: PostSummary[] }
