// What the screen of people says and asks, apart from how it looks.
import { roleName } from "../words/terms";

export interface PersonLine {
  id: string;
  name: string;
  email: string;
  role: string;
  teams: string[];
  status: "active" | "suspended" | "left";
  last_login_at: string | null;
}
export interface PersonPage { people: PersonLine[]; next: string | null }
export interface Given { id: string; account: string; gives: "desk" | "reading"; begins_at: string; ends_at: string }
export interface PersonDetail extends PersonLine { covers: string[]; access: Given[]; rev: number }
export interface SignIn { id: string; kind: "browser" | "token"; since: string; until: string; this: boolean }
export interface Finding { line: number; column: string; problem: string }
export interface ImportReport {
  applied: boolean;
  created: number;
  changed: number;
  unchanged: number;
  bad: number;
  findings: Finding[];
}
export interface Sifted { name: string; role: string; status: string }

export const STATUS: Record<string, string> = { active: "Active", suspended: "Suspended", left: "Left the force" };
const ROLES = ["comms", "local", "control", "supervisor", "auditor", "admin"];
const any = { value: "", words: "Any" };
/** A role by itself begins with a capital; within a sentence it does not. */
export const roleAlone = (role: string): string => roleName(role).replace(/^./, (first) => first.toUpperCase());
export const ROLE_OPTIONS = [any, ...ROLES.map((value) => ({ value, words: roleAlone(value) }))];
export const STATUS_OPTIONS = [any, ...Object.entries(STATUS).map(([value, words]) => ({ value, words }))];
export const REASON_OPTIONS = [
  { value: "", words: "Choose a reason" },
  { value: "absence", words: "Long absence" },
  { value: "investigation", words: "Investigation" },
  { value: "security", words: "Security, such as a lost device" },
  { value: "left", words: "Left the force" },
  { value: "other", words: "Other" },
];

/** The path of the list: only what is asked for stands in it. */
export function listPath(sifted: Sifted, cursor: string | null): string {
  const wanted = new URLSearchParams();
  for (const [name, value] of Object.entries(sifted)) if (value.trim() !== "") wanted.set(name, value.trim());
  if (cursor !== null) wanted.set("cursor", cursor);
  const query = wanted.toString();
  return query === "" ? "/people" : `/people?${query}`;
}

/** Whether an access is in force at a moment, or still to come. */
export const inForce = (given: Given, now: Date): boolean => new Date(given.begins_at) <= now && now < new Date(given.ends_at);

/** A report in one sentence. */
export function reported({ applied, created, changed, unchanged, bad }: ImportReport): string {
  const would = applied ? "" : "would be ";
  const lines = bad === 0 ? "no line is wrong" : `${bad} ${bad === 1 ? "line is" : "lines are"} wrong`;
  return `${created} ${would}added, ${changed} ${would}changed, ${unchanged} unchanged; ${lines}.`;
}
