// The words of the policy for incidents: who is left alone, and what is wrong with what was typed. Pure.
import type { FieldError } from "../views/form";

/** An author whom no order touches: by their handle, or by the key that records name them by. */
export interface Exempt { platform: string; handle?: string | null; author_key?: string | null; label: string }
export interface Policy { bound: number; exempt: Exempt[]; rev: number }
/** What is typed and not on the list yet. */
export interface Author { platform: string; who: string; label: string }

export const MOST_BOUND = 1_000;
export const MOST_EXEMPT = 500;
const MOST_WORDS = 100;
const KEY = /^[0-9a-f]{64}$/;

// As the server compares them: compatibility forms and case alike, without the sign before it.
const plain = (who: string): string => who.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim().replace(/^@/, "");

export const isKey = (who: string): boolean => KEY.test(who.trim().toLowerCase());

/** What somebody typed as the server takes it. */
export function exemptOf({ platform, who, label }: Author): Exempt {
  const said = who.trim();
  return isKey(said) ? { platform, author_key: said.toLowerCase(), label: label.trim() } : { platform, handle: said.replace(/^@/, "").trim(), label: label.trim() };
}

/** How one stands on the list: a key, which nobody reads, by its first characters. */
export const nameOf = ({ handle, author_key: key }: Exempt): string =>
  (handle ? `@${handle.replace(/^@/, "")}` : key ? `the author with the key ${key.slice(0, 12)}…` : "nobody: neither a handle nor a key");

export const sameAuthor = (one: Exempt, other: Exempt): boolean =>
  one.platform === other.platform && plain(one.handle ?? "") === plain(other.handle ?? "") && (one.author_key ?? "") === (other.author_key ?? "");

/** Why an author cannot be put on the list; nothing where it can. */
export function problemOf(author: Author, list: readonly Exempt[]): string {
  const { platform, who, label } = author;
  const one = exemptOf(author);
  if (platform === "") return "Choose the platform";
  if (one.handle === "" || who.trim() === "") return "Enter the handle, or the key of the author";
  if (who.trim().length > MOST_WORDS || label.trim().length > MOST_WORDS) return `Enter ${MOST_WORDS} characters at the most`;
  if (list.some((listed) => sameAuthor(listed, one))) return "This author is on the list already";
  return list.length >= MOST_EXEMPT ? `${MOST_EXEMPT} authors are the most: take somebody off the list first` : "";
}

export const boundOf = (typed: string): number => (/^\d{1,4}$/.test(typed.trim()) ? Number(typed.trim()) : Number.NaN);

export function policyErrors(bound: string, pending: Author): FieldError[] {
  const wrong: FieldError[] = [];
  const number = boundOf(bound);
  if (!(number >= 1 && number <= MOST_BOUND)) wrong.push({ field: "policy-bound", text: `Enter a whole number from 1 to ${MOST_BOUND.toLocaleString("en-GB")}` });
  if (pending.who.trim() !== "") wrong.push({ field: "policy-who", text: "Put this author on the list, or empty the field" });
  return wrong;
}
