// Which actions of a post want something of a person, and what is offered in place of what a platform does not do.
import type { Action, PostSummary } from "../types";

/** Those that have not been sent: they can be taken back. */
export const open = (actions: readonly Action[]): Action[] => actions.filter(({ state }) => state === "pending");

/** Those that somebody should look at, each verb's last alone: whoever asked anew has seen the one before. */
export function unsettled(actions: readonly Action[]): Action[] {
  const last = new Map<string, Action>();
  for (const one of actions) {
    const known = last.get(one.verb);
    if (known === undefined || known.at < one.at) last.set(one.verb, one);
  }
  return actions.filter((one) => one.state === "unknown" || (one.state === "overtaken" && last.get(one.verb) === one));
}

const INSTEAD: Record<string, readonly [verb: string, words: string][]> = {
  delete: [["hide", "hide it"], ["report_post", "report it to the platform"], ["ban", "ban its author"]],
  hide: [["delete", "delete it"], ["report_post", "report it to the platform"], ["ban", "ban its author"], ["reply", "answer it"]],
};

const listed = (words: readonly string[]): string => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words[words.length - 1] ?? ""}`);

/** What the person might do and the platform does not offer for this post, with what it does offer; null when nothing is missing. */
export function notOffered(post: PostSummary, permissions: readonly string[]): { verb: string; words: string } | null {
  // Without `can` nobody said what is possible; and what is under way, proposed or gone is no question of the platform.
  if (post.can === undefined || post.state !== "visible" || post.proposed || post.can.includes("cancel") || !post.can.includes("report_post")) return null;
  for (const verb of ["hide", "delete"]) {
    if (!permissions.includes(verb) || post.can.includes(verb)) continue;
    const others = (INSTEAD[verb] ?? []).filter(([other]) => post.can?.includes(other)).map(([, words]) => words);
    return { verb, words: others.length === 0 ? "" : `You can ${listed(others)}.` };
  }
  return null;
}
