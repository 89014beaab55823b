// What the screen of the groups decides, apart from how it looks. The server decides all of it again.
import type { FieldError } from "../views/form";
import { roleAlone } from "./people";

export interface Rule { group: string; label: string | null; role: string; teams: readonly string[] }
export interface Mapping { rules: readonly Rule[]; rev: number; sha256: string; changed_at: string | null; changed_by: string | null; confirmed: boolean }

const GROUP = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LABEL = /^[A-Za-z0-9][A-Za-z0-9 ._:/@&'()-]{0,79}$/;
const TEAM = /^[a-z0-9][a-z0-9-]{0,39}$/;
const MAX_RULES = 200;
const MAX_TEAMS = 50;
/** These reach the accounts of their teams, and nothing without one. */
const BY_TEAM = new Set(["local", "supervisor"]);

/** What a rule is known by: a group gives a role once. */
export const idOf = ({ group, role }: Rule): string => `${role} ${group.toLowerCase()}`;

/** What people call it: its label, or what it is known by. */
export const nameOf = ({ group, label }: Rule): string => label ?? group;

/** The teams that somebody typed, each once. */
export const teamsOf = (typed: string): string[] => [...new Set(typed.toLowerCase().split(/[\s,;]+/).filter(Boolean))];

/** The rules with one of them moved by a place; as they are when there is no such place. */
export function moved(rules: readonly Rule[], at: number, by: -1 | 1): readonly Rule[] {
  const [one, other] = [rules[at], rules[at + by]];
  if (one === undefined || other === undefined) return rules;
  return rules.map((rule, place) => (place === at ? other : place === at + by ? one : rule));
}

/** The rules with `rule` in the place of the one known by `old`, or at the end. */
export const withRule = (rules: readonly Rule[], rule: Rule, old: string | null): Rule[] =>
  (old === null ? [...rules, rule] : rules.map((one) => (idOf(one) === old ? rule : one)));

/** What is wrong with a rule that is to stand beside the others. */
export function wrongWith(rule: Rule, rules: readonly Rule[], old: string | null): FieldError[] {
  const errors: FieldError[] = [];
  const say = (field: string, text: string): void => { errors.push({ field, text }); };
  if (!GROUP.test(rule.group)) say("group-name", "Enter the group’s object id from the directory, such as 0f0e0d0c-1111-4222-8333-444455556666");
  else if (rules.some((one) => idOf(one) !== old && idOf(one) === idOf(rule))) say("group-name", `This group gives “${roleAlone(rule.role)}” already: put its teams together`);
  if (rule.label !== null && !LABEL.test(rule.label)) say("group-label", "Enter a name of at most 80 plain letters, digits and marks, or none");
  if (old === null && rules.length >= MAX_RULES) say("group-name", `There are ${MAX_RULES} rules, and no more are taken`);
  const bad = rule.teams.find((team) => !TEAM.test(team));
  if (bad !== undefined) say("group-teams", `“${bad}” is no team: a team has small letters, digits and hyphens`);
  if (rule.teams.length > MAX_TEAMS) say("group-teams", `Enter at most ${MAX_TEAMS} teams`);
  if (BY_TEAM.has(rule.role) && rule.teams.length === 0) say("group-teams", "Enter at least one team: this role reaches the accounts of its teams alone");
  return errors;
}

/** Whether two lists say the same in the same order. */
export const same = (some: readonly Rule[], others: readonly Rule[]): boolean => JSON.stringify(some.map(plain)) === JSON.stringify(others.map(plain));
const plain = ({ group, label, role, teams }: Rule) => [group.toLowerCase(), label, role, teams];

/** Whose word a list that is in force stands on, as far as `me` is concerned. */
export function standing({ rev, changed_by, confirmed }: Mapping, me: string): "whole" | "mine" | "theirs" {
  if (rev === 0 || confirmed) return "whole";
  return changed_by === me ? "mine" : "theirs";
}

/** What a list does that somebody may not mean. */
export function warningsOf(rules: readonly Rule[], accountTeams: ReadonlySet<string>): string[] {
  if (rules.length === 0) return ["Without a rule nobody is made or changed by signing in."];
  const unknown = [...new Set(rules.flatMap(({ teams }) => teams))].filter((team) => !accountTeams.has(team));
  return [
    ...(rules.some(({ role }) => role === "admin") ? [] : ["No group gives the role of an administrator."]),
    ...(unknown.length === 0 ? [] : [`No account belongs to: ${unknown.join(", ")}.`]),
  ];
}
