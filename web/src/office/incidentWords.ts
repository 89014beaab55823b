// The words of incidents: why posts are left alone, what became of a job, what is wrong with what was typed.
import type { Named } from "../types";
import type { FieldError } from "../views/form";

export const path = (id: string): string => `/incidents/${encodeURIComponent(id)}`;

export interface Match { words?: string[]; codes?: string[]; grade?: number; everything?: boolean }
export interface Job {
  id: string; incident: string; verb: "hide" | "unhide" | "delete"; state: string; posts: number; second: boolean; digest: string;
  by: { id: string; name: string }; agreed_by: { name: string } | null; intended: number; skipped: Record<string, number>;
  excluded: Record<string, number>; platforms: Record<string, number>; accounts: Record<string, number>; cut: boolean;
  outcomes: Record<string, number>; rev: number; can: string[];
}

export interface Roles { gold: string[]; silver: string[]; bronze: string[] }
export interface Standing { state: string; match: Match; by: Named; agreed_by: Named | null }
export interface Incident {
  id: string; code: string; state: string; scope: { accounts: string[]; words: string[]; area: string; begin: string; end: string | null };
  roles: Roles; strategy: number; standing: Standing | null; slow: number; paused: boolean; opened_at: string; opened_by: Named; rev: number;
}

const WHY: Readonly<Record<string, string>> = {
  life_risk: "may be about somebody’s life: read them", held: "held as evidence", exempt: "by an author whom the force leaves alone",
  pending: "something else is under way", already: "not in a state for it", not_offered: "the platform does not offer it",
  account_stopped: "the account is suspended or archived", not_permitted: "you may not do this there", unjudged: "not judged yet",
  disposed: "disposed of", missing: "gone", changed: "other words than when it was looked at", not_ours: "not hidden by this incident",
  overtaken: "somebody else was quicker", selection_changed: "the selection was changed in the table: tell whoever runs Bluelamp",
};
const VERBS: Readonly<Record<string, string>> = { hide: "Hide", unhide: "Show again", delete: "Delete" };
const STATES: Readonly<Record<string, string>> = {
  previewed: "previewed", waiting: "waits for a second person", refused: "refused", running: "under way", paused: "paused",
  stopped: "stopped", done: "all ordered",
};

export const verbWords = (verb: string): string => VERBS[verb] ?? verb;
export const stateWords = (state: string): string => STATES[state] ?? state;
export const whyWords = (why: string): string => WHY[why] ?? why;
export const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, n) => sum + n, 0);

/** Posts of a job that have come to an end, whatever it was. */
export function ended(job: Pick<Job, "outcomes" | "skipped">): number {
  return total(job.outcomes) - (job.outcomes["pending"] ?? 0) + total(job.skipped);
}

/** What a job has come to, in a sentence. */
export function progressWords(job: Job): string {
  const parts = [`${ended(job)} of ${job.posts} at their end`];
  if (job.outcomes["failed"]) parts.push(`${job.outcomes["failed"]} failed`);
  if (job.outcomes["unknown"]) parts.push(`${job.outcomes["unknown"]} unknown: look at them on the platform`);
  const skipped = total(job.skipped);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return `${parts.join(", ")}.`;
}

/** True while somebody should look again soon. */
export const moves = (job: Job): boolean => ["running", "waiting", "paused"].includes(job.state) || (job.outcomes["pending"] ?? 0) > 0 || (job.state === "done" && ended(job) < job.posts);

export const listed = (text: string): string[] => text.split(/[\n,]/).map((part) => part.trim()).filter((part) => part !== "");

/** What an incident is about, as it is typed: times by the clock in London, an empty end while it goes on. */
export interface Draft { accounts: string[]; words: string; area: string; begin: string; end: string }
export interface OpenDraft extends Draft { code: string; strategy: string; roles: Roles }

export const draftOf = ({ scope }: Pick<Incident, "scope">, wallOf: (iso: string) => string): Draft => ({
  accounts: [...scope.accounts], words: scope.words.join("\n"), area: scope.area, begin: wallOf(scope.begin), end: scope.end === null ? "" : wallOf(scope.end),
});

export function scopeErrors(draft: Draft): FieldError[] {
  const wrong: FieldError[] = [];
  if (draft.accounts.length === 0) wrong.push({ field: "incident-accounts", text: "Choose at least one account" });
  if (draft.begin === "") wrong.push({ field: "incident-begin", text: "Enter from when on posts belong to it" });
  if (draft.end !== "" && draft.end <= draft.begin) wrong.push({ field: "incident-end", text: "Enter an end that is later than the begin" });
  return wrong;
}

export function openErrors(draft: OpenDraft): FieldError[] {
  const wrong = scopeErrors(draft);
  if (draft.code.trim().length < 2) wrong.unshift({ field: "incident-code", text: "Enter the code name" });
  if (draft.strategy.trim() === "") wrong.push({ field: "incident-strategy", text: "Enter the strategy" });
  return wrong;
}

/** What was chosen in the form of an order. */
export interface Chosen { words: string; codes: string[]; grade: number; everything: boolean }

// What a post may be judged to be that is a reason to hide it, and from which grade on it is of a risk.
export const CODES: readonly string[] = ["abuse", "hate", "threat", "personal_data", "sub_judice", "spam"];
export const GRADES: readonly (readonly [number, string])[] = [[0, "any"], [3, "medium"], [5, "high"], [8, "critical"]];
export const nothing = (): Chosen => ({ words: "", codes: [], grade: 0, everything: false });

/** Which posts are meant; null when nothing says so. */
export function matchOf({ words, codes, grade, everything }: Chosen): Match | null {
  if (everything) return { everything: true };
  const found = listed(words);
  const match: Match = { ...(found.length > 0 && { words: found }), ...(codes.length > 0 && { codes }), ...(grade > 0 && { grade }) };
  return Object.keys(match).length === 0 ? null : match;
}

/** The same in a sentence, for whoever has to agree to it. */
export function matchWords({ words = [], codes = [], grade = 0, everything = false }: Match, nameOf: (code: string) => string): string {
  if (everything) return "every new post";
  const risk = [...GRADES].reverse().find(([from]) => grade >= from)?.[1] ?? "any";
  const parts = [
    ...(words.length > 0 ? [`with one of these words: ${words.join(", ")}`] : []),
    ...(codes.length > 0 ? [`judged to be ${codes.map(nameOf).join(" or ")}`] : []),
    ...(grade > 0 ? [`of ${risk} risk or more (grade ${grade} and above)`] : []),
  ];
  return `new posts ${parts.join(", and ")}`;
}
