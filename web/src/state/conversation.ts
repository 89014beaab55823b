// What was said with an author, as pages of it come in. Pure.
import type { Named } from "../types";

export interface Said {
  id: string; direction: "in" | "out"; at: string; platform: string; account: string; account_name: string; text: string;
  media: readonly { kind: string }[]; state: string; private: boolean; post: string; by: Named | null;
}
export interface Conversation { said: readonly Said[]; next: string | null }

/** Two pages as one timeline: each thing once, the oldest first. Pages may overlap where an answer came late. */
export function together(some: readonly Said[], more: readonly Said[]): Said[] {
  const once = new Map([...some, ...more].map((one) => [one.id, one]));
  return [...once.values()].sort((one, other) => one.at.localeCompare(other.at) || one.id.localeCompare(other.id));
}

/** Who says it, and to whom, in words. */
export function whoSays({ direction, account_name, by }: Said, author: string): string {
  if (direction === "in") return `${author}, to ${account_name}`;
  return by === null ? account_name : `${account_name}, by ${by.name}`;
}

const STATES: Readonly<Record<string, string>> = { sending: "Being sent", sent: "Sent", visible: "" };

/** What happened to it; `named` has the words for the states of posts. */
export const stateOf = ({ state }: Said, named: (state: string) => string): string => STATES[state] ?? named(state);
