// What the roster screen says and sends: the codes of docs/roster.md in words, and what was typed as the server takes it.
import type { Named } from "../types";
import { longDate } from "../words/dates";
import { DUTY } from "../words/duty";
import type { FieldError } from "../views/form";

export interface Step { who: string; minutes: number }
export interface Responsible { who: string; capacity: string; why: string[]; chain: Step[] }
export interface Answer { account: string; minute: string; answer: Responsible; recorded: Responsible | null; sealed: boolean; waiting: number; people: Named[] }
export interface Weekly { days: number[]; starts: string; ends: string; first: string; last: string; nation: string | null; skip: string[] }
interface Dated { id: string; rev: number; begin: string; end: string | null }
export type Entry =
  | (Dated & { kind: "absence"; who: string; reason: string })
  | (Dated & { kind: "cover"; who: string; by: string })
  | (Dated & { kind: "shift"; who: string; scope: string; duty: string; weekly: Weekly | null })
  | { kind: "chain"; id: string; rev: number; scope: string; steps: Step[] }
  | { kind: "office"; id: string; rev: number; nation: string; control: string; hours: object[]; closed: string[] };
export interface Draft {
  kind: string; who: string; by: string; scope: string; reason: string; from: string; to: string; duty: string;
  days: number[]; starts: string; ends: string; first: string; last: string; nation: string; skip: string;
}

const WHY: Readonly<Record<string, string>> = {
  on_shift: "has the shift",
  shift_absent: "whoever has the shift is away",
  shift_left: "whoever has the shift left the force or is suspended",
  office_closed: "the office is closed at that hour",
  bank_holiday: "it is a bank holiday or a closed day",
  hours_unset: "no office hours were put in, so the office counts as open",
  no_lead: "the account has no lead",
  lead_absent: "the lead is away",
  lead_left: "the lead left the force or is suspended",
  no_deputy: "the account has no deputy",
  deputy_absent: "the deputy is away",
  deputy_left: "the deputy left the force or is suspended",
  no_cover: "nobody stands in",
  cover_absent: "whoever stands in is away",
  cover_left: "whoever stands in left the force or is suspended",
  cover_circular: "people stand in for each other in a circle",
  no_chain: "there is no on-call chain",
  chain_absent: "nobody on the on-call chain is there",
  account_unknown: "the record knew no such account by then",
};
export const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;
export const NATION: Readonly<Record<string, string>> = { england_wales: "England and Wales", scotland: "Scotland", northern_ireland: "Northern Ireland" };
const CAPACITY: Readonly<Record<string, string>> = {
  lead: "lead", deputy: "deputy", cover: "standing in for lead and deputy", control: "control room", on_call: "on call",
};
export const KIND: Readonly<Record<string, string>> = { absence: "Absence", cover: "Cover", shift: "Shift", chain: "On-call chain", office: "Office hours" };
export const REASON: Readonly<Record<string, string>> = { leave: "Leave", sickness: "Sickness", training: "Training", other: "Something else" };

/** As which somebody answers. Who has a shift and is neither lead nor deputy comes as a cover, and stands in for nobody. */
export const capacityWords = ({ capacity, why }: Responsible): string =>
  capacity === "cover" && why.includes("on_shift") ? "on shift" : (CAPACITY[capacity] ?? capacity);

/** Why it fell to them, one sentence; a code that this page does not know yet is shown rather than left out. */
export function whyWords(codes: readonly string[]): string {
  if (codes.length === 0) return "The office is open and the lead is there.";
  const said = codes.map((code) => WHY[code] ?? code.replaceAll("_", " ")).join("; ");
  return `${said.replace(/^./, (first) => first.toUpperCase())}.`;
}

/** Somebody by name; whoever has no name here by id, since the record must not be read as saying nothing. */
export function whoWords(who: string, people: readonly Named[]): string {
  if (who === "team:control") return "the control room";
  const [kind, id = ""] = who.split(/:(.*)/s);
  return kind === "person" ? (people.find((one) => one.id === id)?.name ?? `person ${id}`) : `team ${id}`;
}

const minutes = (count: number): string => `${count} ${count === 1 ? "minute" : "minutes"}`;
/** Each of the chain, in order, with how long it is waited for. */
export const chainWords = (chain: readonly Step[], people: readonly Named[]): string[] =>
  chain.map((step) => `${whoWords(step.who, people)}, who has ${minutes(step.minutes)} to answer`);

/** Where an answer comes from, and whether the record said the same at that minute. */
export function sourceWords({ sealed, recorded, waiting }: Answer): string {
  if (!sealed) return "From the roster as it stands now.";
  const same = recorded === null ? "The record said the same at that minute." : "Something was put in, changed or withdrawn after that minute.";
  const missing = waiting === 0 ? "" : ` ${waiting === 1 ? "One change is" : `${waiting} changes are`} not sealed yet and not in this answer: ask again in a minute.`;
  return `From the sealed record as it says now. ${same}${missing}`;
}

/** For what an entry is. */
export function scopeWords(scope: string, accounts: readonly Named[]): string {
  if (scope === "force") return "the whole force";
  const [kind, id = ""] = scope.split(/:(.*)/s);
  return kind === "account" ? (accounts.find((one) => one.id === id)?.name ?? id) : `accounts of team ${id}`;
}

/** An entry in one line, without its times. */
export function entryWords(entry: Entry, people: readonly Named[], accounts: readonly Named[]): string {
  switch (entry.kind) {
    case "absence": return `${whoWords(entry.who, people)} is away: ${(REASON[entry.reason] ?? entry.reason).toLowerCase()}`;
    case "cover": return `${whoWords(entry.by, people)} stands in for ${whoWords(entry.who, people)}`;
    case "shift": return `${whoWords(entry.who, people)} for ${scopeWords(entry.scope, accounts)}, ${DUTY[entry.duty] ?? entry.duty}`;
    case "chain": return `${scopeWords(entry.scope, accounts)}: ${chainWords(entry.steps, people).join("; then ")}`;
    case "office": return `${entry.hours.length === 0 ? "No hours: never closed" : "Hours as they were set"}; when closed: ${whoWords(entry.control, people)}`;
  }
}

/** "Monday and Sunday, 22:00 to 06:00, from 2026-11-22 to 2027-03-31; not on bank holidays of Scotland". */
export function weeklyWords({ days, starts, ends, first, last, nation, skip }: Weekly): string {
  const names = days.map((day) => DAYS[day] ?? String(day));
  const on = names.length === 7 ? "Every day" : new Intl.ListFormat("en-GB").format(names);
  const holidays = nation === null ? "" : `; not on bank holidays of ${NATION[nation] ?? nation}`;
  return `${on}, ${starts} to ${ends}${ends <= starts ? " the next day" : ""}, from ${first} to ${last}${holidays}${skip.length === 0 ? "" : `; not on ${skip.join(", ")}`}`;
}

export function timeWords(entry: Entry): string {
  if (entry.kind === "chain" || entry.kind === "office") return "Until it is changed";
  if (entry.kind === "shift" && entry.weekly !== null) return weeklyWords(entry.weekly);
  return `${longDate(entry.begin)} to ${entry.end === null ? "further notice" : longDate(entry.end)}`;
}

// A time on the wall, or with its distance from UTC for the hour that October has twice: a date picker cannot say that.
const MINUTE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})?$/;

/** What was typed as a time, as the server reads it; null when it is none. */
export function minuteOf(typed: string): string | null {
  const text = typed.trim().replace(/\s+/, "T");
  return MINUTE.test(text) ? text : null;
}

/** Where an answer is read; nothing typed asks for now. */
export function responsiblePath(account: string, at: string): string {
  const path = `/accounts/${encodeURIComponent(account)}/responsible`;
  return at === "" ? path : `${path}?at=${encodeURIComponent(at)}`;
}

const WHO = /^(person|team):./;
const A_TIME = "like 2026-11-20 10:00";

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const daysOf = (typed: string): string[] => typed.split(/[\s,]+/).filter(Boolean);

function repeatErrors({ days, starts, ends, first, last, skip }: Draft): FieldError[] {
  const wrong: FieldError[] = [];
  if (days.length === 0) wrong.push({ field: "roster-days-0", text: "Choose the days on which it begins" });
  if (!CLOCK.test(starts.trim())) wrong.push({ field: "roster-starts", text: "Enter when it begins, like 22:00" });
  if (!CLOCK.test(ends.trim())) wrong.push({ field: "roster-ends", text: "Enter when it ends, like 06:00" });
  if (!DAY.test(first.trim())) wrong.push({ field: "roster-first", text: "Enter the first day, like 2026-11-20" });
  if (!DAY.test(last.trim())) wrong.push({ field: "roster-last", text: "Enter the last day, like 2027-03-31" });
  if (!daysOf(skip).every((day) => DAY.test(day))) wrong.push({ field: "roster-skip", text: "Enter days to leave out like 2026-12-24, or nothing" });
  return wrong;
}

export function draftErrors(draft: Draft): FieldError[] {
  const { kind, who, by, from, to } = draft;
  const wrong: FieldError[] = [];
  if (!WHO.test(who)) wrong.push({ field: "roster-who", text: "Choose who it is about" });
  if (kind === "cover" && !WHO.test(by)) wrong.push({ field: "roster-by", text: "Choose who stands in" });
  if (kind === "cover" && WHO.test(by) && by === who) wrong.push({ field: "roster-by", text: "Choose somebody else to stand in" });
  if (kind === "repeating") return [...wrong, ...repeatErrors(draft)];
  if (minuteOf(from) === null) wrong.push({ field: "roster-from", text: `Enter from when on, ${A_TIME}` });
  if (to.trim() === "" ? kind === "shift" : minuteOf(to) === null) wrong.push({ field: "roster-to", text: `Enter until when, ${A_TIME}` });
  return wrong;
}

/** What is sent for a draft without errors. */
export function entryBody(draft: Draft): object {
  const { kind, who, by, scope, reason, from, to, duty } = draft;
  if (kind === "repeating") {
    const { days, starts, ends, first, last, nation, skip } = draft;
    return { kind, who, scope, duty, days, starts: starts.trim(), ends: ends.trim(), first: first.trim(), last: last.trim(), nation: nation || null, skip: daysOf(skip) };
  }
  const shared = { kind, who, from: minuteOf(from), to: minuteOf(to) };
  if (kind === "cover") return { ...shared, by };
  return kind === "shift" ? { ...shared, scope, duty } : { ...shared, reason };
}

/** What is sent to put in a cover again as it is. */
export function coverAgain({ who, by, begin, end, rev }: Extract<Entry, { kind: "cover" }>): object {
  return { entry: { kind: "cover", who, by, from: begin, to: end }, rev };
}
