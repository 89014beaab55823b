// Who else is at the open post, and whose turn it is to answer. Pure, but for the two signals that views share.
import { signal } from "@preact/signals";
import type { Named } from "../types";
import type { Use } from "./commands";

export interface Here { people: { person: Named; at: string }[]; writing: Named | null; yours: boolean; draft: string }

/** What the last heartbeat answered, and for which post. */
export const here = signal<(Here & { post: string }) | null>(null);
/** The post in whose reply box something stands. */
export const writing = signal<string | null>(null);
/** A saved reply that was chosen for a post, until its reply box has taken it. */
export const chosen = signal<{ post: string; text: string; use: Use } | null>(null);

/** What stands in reply boxes and was not sent, by post; and what of it the server keeps. */
export class Drafts {
  private readonly here = new Map<string, string>();
  private readonly kept = new Map<string, string>();

  of(post: string): string {
    return this.here.get(post) ?? "";
  }

  write(post: string, text: string): void {
    this.here.set(post, text);
  }

  /** What the server is to keep; undefined when it has it already, or nothing was written since the post was opened. */
  news(post: string): string | undefined {
    const text = this.here.get(post);
    return text === undefined || text === (this.kept.get(post) ?? "") ? undefined : text;
  }

  /** Note what the server keeps; returns what to put back into a box in which nothing was written yet. */
  answered(post: string, text: string): string {
    this.kept.set(post, text);
    return this.here.has(post) ? "" : text;
  }

  /** An answer was sent: the server has cleared its draft by itself. */
  sent(post: string): void {
    this.here.set(post, "");
    this.kept.set(post, "");
  }
}

export const drafts = new Drafts();
/** A draft that the server kept, until its reply box has taken it. */
export const restored = signal<{ post: string; text: string } | null>(null);

/** Somebody else who is writing the answer to this post, or null. */
export function otherWriter(now: typeof here.value, post: string): Named | null {
  return now !== null && now.post === post && !now.yours ? now.writing : null;
}

/** Who else is here, in a sentence; empty when nobody is. */
export function whoIsHere(now: typeof here.value, post: string): string {
  if (now === null || now.post !== post || now.people.length === 0) return "";
  const names = now.people.map(({ person }) => person.name);
  const last = names.at(-1) ?? "";
  const list = names.length === 1 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
  return `${list} ${names.length === 1 ? "has" : "have"} this post open, too.`;
}

/** The ids of the people whom a note names by "@" and their name; the longer name wins where one begins another. */
export function mentioned(text: string, people: readonly Named[]): string[] {
  const found = new Set<string>();
  let rest = text;
  for (const { id, name } of [...people].sort((one, other) => other.name.length - one.name.length)) {
    if (!rest.includes(`@${name}`)) continue;
    found.add(id);
    rest = rest.replaceAll(`@${name}`, " ");
  }
  return [...found];
}
