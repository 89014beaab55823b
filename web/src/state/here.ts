// Who else is at the open post, and whose turn it is to answer. Pure, but for the two signals that views share.
import { signal } from "@preact/signals";
import type { Named } from "../types";
import type { Use } from "./commands";

export interface Here { people: { person: Named; at: string }[]; writing: Named | null; yours: boolean }

/** What the last heartbeat answered, and for which post. */
export const here = signal<(Here & { post: string }) | null>(null);
/** The post in whose reply box something stands. */
export const writing = signal<string | null>(null);
/** A saved reply that was chosen for a post, until its reply box has taken it. */
export const chosen = signal<{ post: string; text: string; use: Use } | null>(null);

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
