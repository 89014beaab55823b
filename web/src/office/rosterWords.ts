// What the roster screen says and sends: the codes of docs/roster.md in words, and what was typed as the server takes it.
import type { Named } from "../types";
import { longDate } from "../words/dates";
import type { FieldError } from "../views/form";

export interface Step { who: string; minutes: number }
export interface Responsible { who: string; capacity: string; why: string[]; chain: Step[] }
export interface Answer { account: string; minute: string; answer: Responsible; recorded: Responsible | null; sealed: boolean; waiting: number; people: Named[] }
interface Dated { id: string; rev: number; begin: string; end: string | null }
export type Entry =
  | (Dated & { kind: "absence"; who: string; reason: string })
  | (Dated & { kind: "cover"; who: string; by: string })
  | (Dated & { kind: "shift"; who: string; scope: string })
  | { kind: "chain"; id: string; rev: number; scope: string; steps: Step[] }
  | { kind: "office"; id: string; rev: number; nation: string; control: string; hours: object[]; closed: string[] };
export interface Draft { kind: string; who: string; by: string; scope: string; reason: string; from: string; to: string }

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
    case "shift": return `${whoWords(entry.who, people)} for ${scopeWords(entry.scope, accounts)}`;
    case "chain": return `${scopeWords(entry.scope, accounts)}: ${chainWords(entry.steps, people).join("; then ")}`;
    case "office": return `${entry.hours.length === 0 ? "No hours: never closed" : "Hours as they were set"}; when closed: ${whoWords(entry.control, people)}`;
  }
}

export function timeWords(entry: Entry): string {
  if (entry.kind === "chain" || entry.kind === "office") return "Until it is changed";
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

export function draftErrors({ kind, who, by, from, to }: Draft): FieldError[] {
  const wrong: FieldError[] = [];
  if (!WHO.test(who)) wrong.push({ field: "roster-who", text: "Choose who it is about" });
  if (kind === "cover" && !WHO.test(by)) wrong.push({ field: "roster-by", text: "Choose who stands in" });
  if (kind === "cover" && WHO.test(by) && by === who) wrong.push({ field: "roster-by", text: "Choose somebody else to stand in" });
  if (minuteOf(from) === null) wrong.push({ field: "roster-from", text: `Enter from when on, ${A_TIME}` });
  if (to.trim() === "" ? kind === "shift" : minuteOf(to) === null) wrong.push({ field: "roster-to", text: `Enter until when, ${A_TIME}` });
  return wrong;
}

/** What is sent for a draft without errors. */
export function entryBody({ kind, who, by, scope, reason, from, to }: Draft): object {
  const shared = { kind, who, from: minuteOf(from), to: minuteOf(to) };
  if (kind === "cover") return { ...shared, by };
  return kind === "shift" ? { ...shared, scope } : { ...shared, reason };
}
