// The queues of the inbox: what each holds, how it is ordered, how the server is asked for it.
import type { PostSummary, QueueQuery } from "../types";
import { type Posts, isHidden, isOpen, riskRank } from "./posts";

export interface Queue {
  id: string;
  name: string;
  query: QueueQuery;
  holds: (post: PostSummary, me: string) => boolean;
}

const atLeast = (post: PostSummary, risk: "low" | "high"): boolean => riskRank(post.case.risk) >= riskRank(risk);

export const QUEUES: readonly Queue[] = [
  { id: "open", name: "Open", query: { view: "open" }, holds: isOpen },
  {
    id: "high", name: "High risk", query: { view: "open", min_risk: "high" },
    holds: (post) => isOpen(post) && atLeast(post, "high"),
  },
  {
    id: "mine", name: "Claimed by me", query: { view: "open" },
    holds: (post, me) => isOpen(post) && post.case.claimed_by?.id === me,
  },
  {
    id: "assigned", name: "Assigned to me", query: { view: "open", assigned: "me" },
    holds: (post, me) => isOpen(post) && post.case.assigned_to?.id === me,
  },
  {
    id: "flagged", name: "Flagged", query: { view: "open" },
    holds: (post) => isOpen(post) && post.case.flagged_to !== null,
  },
  {
    id: "hidden", name: "Recently hidden", query: { view: "done" },
    holds: (post) => isHidden(post),
  },
  { id: "done", name: "Done", query: { view: "done" }, holds: (post) => !isOpen(post) },
];

/** The moderation screen's own queue: everything open in which something was found. */
export const MODERATION: Queue = {
  id: "moderation", name: "Moderation", query: { view: "open", min_risk: "low" },
  holds: (post) => isOpen(post) && atLeast(post, "low"),
};

const ACCOUNT = "account:";

export function queueOf(id: string): Queue {
  if (id === MODERATION.id) return MODERATION;
  if (id.startsWith(ACCOUNT)) return accountQueue(id.slice(ACCOUNT.length));
  return QUEUES.find((queue) => queue.id === id) ?? (QUEUES[0] as Queue);
}

export const accountQueueId = (account: string): string => ACCOUNT + account;

function accountQueue(account: string): Queue {
  return {
    id: accountQueueId(account), name: "One account", query: { view: "open", account },
    holds: (post) => isOpen(post) && post.account === account,
  };
}

const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Open work: worst first, then longest waiting. Done work: latest first. The same orders as the server's. */
export function order(queue: Queue, one: PostSummary, other: PostSummary): number {
  if (queue.query.view === "done") return byText(other.updated_at, one.updated_at) || byText(one.id, other.id);
  return other.case.grade - one.case.grade || byText(one.received_at, other.received_at) || byText(one.id, other.id);
}

export interface Count { known: number; more: boolean }

/** How many posts of a queue are known; `more` when the server holds pages not yet read. */
export function countOf(queue: Queue, posts: Posts, me: string, complete: boolean): Count {
  let known = 0;
  let lowest = Number.POSITIVE_INFINITY;
  for (const post of posts.values()) {
    if (queue.holds(post, me)) known += 1;
    if (isOpen(post)) lowest = Math.min(lowest, riskRank(post.case.risk));
  }
  // Pages come worst first: once something below "high" was read, everything high is known.
  const allHighRead = queue.id === "high" && lowest < riskRank("high");
  return { known, more: !complete && !allHighRead };
}
