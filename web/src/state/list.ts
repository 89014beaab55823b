// The list between the queues and the post: pure steps. Its promise: nothing that arrives ever moves a row.
import type { PostSummary } from "../types";
import { type Posts, isNews } from "./posts";
import { type Queue, order } from "./queues";

export interface List {
  /** Rows from top to bottom. */
  rows: readonly string[];
  /** Arrived since, held back until asked for. */
  waiting: readonly string[];
  next: string | null;
  /** The last post of the pages read so far, as it was read: what belongs above it comes with no later page. */
  last: PostSummary | null;
  status: "loading" | "ready" | "failed";
}

export const EMPTY_LIST: List = { rows: [], waiting: [], next: null, last: null, status: "loading" };

/** Add a page below what is there; `last` is the server's last post of it, be it shown here or not. */
export function paged(list: List, page: readonly PostSummary[], next: string | null, last = page.at(-1)): List {
  const known = new Set(list.rows);
  const added = page.map(({ id }) => id).filter((id) => !known.has(id));
  const shown = new Set(added);
  return {
    rows: [...list.rows, ...added],
    waiting: list.waiting.filter((id) => !shown.has(id)),
    next,
    last: last ?? list.last,
    status: "ready",
  };
}

/**
 * Take note of posts that came over the live link. One that belongs among the pages read, or is new, is announced; one
 * that belongs below them comes with its page.
 */
export function arrived(list: List, queue: Queue, incoming: readonly PostSummary[], before: Posts, me: string): List {
  const rows = new Set(list.rows);
  const waiting = new Set(list.waiting);
  for (const post of incoming) {
    if (!queue.holds(post, me)) waiting.delete(post.id);
    else if (!rows.has(post.id)) {
      const above = list.last !== null && order(queue, post, list.last) < 0;
      const news = list.next === null || above || (!before.has(post.id) && isNews(post));
      if (news) waiting.add(post.id);
    }
  }
  return { ...list, waiting: [...waiting] };
}

/** Let the waiting posts in, each at its place in the order. */
export function revealed(list: List, queue: Queue, posts: Posts): List {
  const compare = (one: string, other: string): number => {
    const first = posts.get(one);
    const second = posts.get(other);
    return first === undefined || second === undefined ? 0 : order(queue, first, second);
  };
  return { ...list, rows: [...list.rows, ...list.waiting].sort(compare), waiting: [] };
}

/** Drop the rows that no longer belong to the queue. */
export function tidied(list: List, queue: Queue, posts: Posts, me: string): List {
  const keeps = (id: string): boolean => {
    const post = posts.get(id);
    return post !== undefined && queue.holds(post, me);
  };
  return { ...list, rows: list.rows.filter(keeps) };
}

/** The rows whose text, author or account contains the words. */
export function matching(rows: readonly string[], posts: Posts, words: string): readonly string[] {
  const wanted = words.trim().toLocaleLowerCase("en-GB");
  if (wanted === "") return rows;
  return rows.filter((id) => {
    const post = posts.get(id);
    const text = [post?.text, post?.author.name, post?.author.handle, post?.account_name].join(" ");
    return text.toLocaleLowerCase("en-GB").includes(wanted);
  });
}

/** The next row below (else above) that is still to be done, skipping those in `done`. */
export function following(rows: readonly string[], id: string, isDone: (id: string) => boolean): string | null {
  const at = rows.indexOf(id);
  const below = rows.slice(at + 1).find((row) => !isDone(row));
  return below ?? rows.slice(0, Math.max(at, 0)).reverse().find((row) => !isDone(row)) ?? null;
}
