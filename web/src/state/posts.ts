// Pure rules over posts: which version wins, what an optimistic change looks like, what may be done.
import type { Case, Named, PostState, PostSummary, Risk } from "../types";

export type Posts = ReadonlyMap<string, PostSummary>;

/** A change shown before the server has confirmed it, laid over the server's version and simply lifted on a refusal. */
export interface Overlay { key: string; patch: Patch }
export type Patch = Partial<Omit<PostSummary, "case">> & { case?: Partial<Case> };
export type Overlays = ReadonlyMap<string, Overlay>;

const RISKS: readonly Risk[] = ["none", "low", "medium", "high", "critical"];

export const riskRank = (risk: Risk): number => RISKS.indexOf(risk);

/** Take in what the server sent. An older revision never replaces a newer one; `can` survives a push that lacks it. */
export function merge(posts: Posts, incoming: readonly PostSummary[]): Posts {
  const merged = new Map(posts);
  for (const post of incoming) {
    const known = merged.get(post.id);
    if (known !== undefined && known.rev > post.rev) continue;
    const can = post.can ?? known?.can;
    merged.set(post.id, can === undefined ? post : { ...post, can });
  }
  return merged;
}

export function overlaid(post: PostSummary, overlay: Overlay | undefined): PostSummary {
  if (overlay === undefined) return post;
  const { case: casePatch, ...patch } = overlay.patch;
  return { ...post, ...patch, case: { ...post.case, ...casePatch } };
}

export function withOverlay(overlays: Overlays, id: string, overlay: Overlay): Overlays {
  return new Map(overlays).set(id, overlay);
}

/** Lift one overlay; a later change of the same post keeps its own. */
export function withoutOverlay(overlays: Overlays, id: string, key: string): Overlays {
  if (overlays.get(id)?.key !== key) return overlays;
  const rest = new Map(overlays);
  rest.delete(id);
  return rest;
}

export const PATCHES = {
  hide: (): Patch => ({ state: "hiding", case: { state: "closed", decision: "hidden" } }),
  /** A hide still in its ten seconds is taken back and the case is open again; a real one is undone on the platform. */
  unhide: (state: PostState): Patch => (state === "hiding"
    ? { state: "visible", case: { state: "open", decision: null } }
    : { state: "unhiding" }),
  delete: (): Patch => ({ state: "deleting", case: { state: "closed", decision: "deleted" } }),
  dismiss: (): Patch => ({ case: { state: "closed", decision: "dismissed" } }),
  reply: (): Patch => ({ case: { state: "closed", decision: "replied" } }),
  claim: (by: Named): Patch => ({ case: { claimed_by: by } }),
  release: (): Patch => ({ case: { claimed_by: null, claimed_at: null } }),
  flag: (to: string): Patch => ({ case: { flagged_to: to } }),
  note: (): Patch => ({}),
  /** What is put on a case is shown once the server has it. */
  together: (): Patch => ({}),
};

export const isOpen = (post: PostSummary): boolean => post.case.state !== "closed";
/** A post this young has only just come in; an older one that is not on the page yet will come with its page. */
export const isNews = (post: PostSummary): boolean => post.rev <= 3;
export const isHidden = (post: PostSummary): boolean => post.state === "hidden" || post.state === "hiding";

const FITTING_STATES: Record<string, readonly string[]> = {
  hide: ["visible"],
  unhide: ["hidden", "hiding"],
  delete: ["visible", "hidden"],
  reply: ["visible", "hidden"],
  reply_saved: ["visible", "hidden"],
  message: ["visible", "hidden"],
  report_post: ["visible", "hidden"],
  like: ["visible"],
};

/** May this verb be offered? What the server granted, and what the post's state allows now. */
export function allowed(post: PostSummary, verb: string, permissions: readonly string[]): boolean {
  const granted = post.can ?? permissions;
  const needed = verb === "unhide" && !granted.includes("unhide") ? "hide" : verb;
  if (!granted.includes(needed)) return false;
  const states = FITTING_STATES[verb];
  return states === undefined || states.includes(post.state);
}

/** Every mark of the post's reasons, for highlighting. */
export const spansOf = (post: PostSummary): [number, number][] => post.case.reasons.flatMap(({ spans }) => spans);
