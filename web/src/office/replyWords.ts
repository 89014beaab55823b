// What the screen of saved replies and tags decides, apart from how it looks. The server decides all of it again.
import type { Account } from "../types";

export interface SavedReply {
  id: string; version: number; scope: string; title: string; text: string;
  by: { id: string; name: string }; at: string; retired: boolean; rev: number;
}
export interface Tag { code: string; name: string; retired: boolean; rev: number }
export interface Writer { id: string; role: string; teams: readonly string[] }

export const MAX_TITLE = 80;
export const MAX_TEXT = 4000;
export const MAX_TAG = 60;
const MARK = /\{([^{}]*)\}/g;
/** What stands for each variable where there is no post: plainly invented, so that nobody takes it for somebody. */
const EXAMPLES: ReadonlyMap<string, string> = new Map([["name", "Sam Example"], ["account", ""], ["reference", "42/12345/26"], ["officer", ""]]);

const lower = (text: string): string => text.toLocaleLowerCase("en-GB");

/** Whether braces hold what is no variable, or one stands alone. */
export const unknownIn = (text: string): boolean =>
  [...text.matchAll(MARK)].some((found) => !EXAMPLES.has(found[1] ?? "")) || /[{}]/.test(text.replace(MARK, ""));

/** A text as it would read below a post of an account. What is no variable stays as it is. */
export function asRead(text: string, account: string, officer: string): string {
  const values = new Map([...EXAMPLES, ["account", account], ["officer", officer]]);
  return text.replace(MARK, (whole, name: string) => values.get(name) ?? whole);
}

/** Those whose title or text has all of these words. */
export function found(replies: readonly SavedReply[], words: string): SavedReply[] {
  const wanted = lower(words).split(/\s+/).filter(Boolean);
  return replies.filter(({ title, text }) => wanted.every((word) => lower(`${title} ${text}`).includes(word)));
}

const leadOf = ({ lead }: Account): string | undefined => (typeof lead === "string" ? lead : lead?.id);

/** Whether somebody whose role writes saved replies writes them for a scope. */
export function mayWrite(writer: Writer, scope: string, accounts: readonly Account[]): boolean {
  if (writer.role === "comms") return true;
  if (writer.role === "supervisor") return writer.teams.some((team) => scope === `team:${team}`);
  return accounts.some((one) => leadOf(one) === writer.id && (scope === `account:${one.id}` || scope === `team:${one.team}`));
}

/** For whom a reply is, in words. */
export function scopeName(scope: string, accounts: readonly Account[]): string {
  if (scope === "force") return "The whole force";
  const [kind, which = ""] = scope.split(/:(.*)/s);
  return kind === "team" ? `Team ${which}` : (accounts.find(({ id }) => id === which)?.name ?? which);
}

/** For whom somebody can write a reply that fits an account. */
export const scopesFor = (writer: Writer, account: Account, accounts: readonly Account[]): string[] =>
  ["force", `team:${account.team}`, `account:${account.id}`].filter((scope) => mayWrite(writer, scope, accounts));

/** The code by which records know a tag, from its name; empty when the name has no letter to begin with. */
export const codeOf = (name: string): string =>
  lower(name).normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, "-").replace(/^[^a-z]+/, "").slice(0, 32).replace(/-+$/, "");

/** Tags in use by name, then those retired. */
export const inOrder = (tags: readonly Tag[]): Tag[] =>
  [...tags].sort((one, other) => Number(one.retired) - Number(other.retired) || one.name.localeCompare(other.name, "en-GB"));
