// What the screens of publishing say, and what is wrong with what was typed. Pure.
import type { Named } from "../types";
import type { FieldError } from "../views/form";
import { addressOf } from "../route";
import { TYPES } from "../state/uploads";
import { londonDay, longDate, shortDate, wallDate } from "../words/dates";

export interface Schedule { at: string | null; fold: "first" | "second" | null; again: { every: "day" | "week"; times: number } | null }
export interface Attached { id: string; alt: string }
export interface Fields { text: string; link: string | null; accounts: string[]; variants: Record<string, string>; assets: Attached[]; poll: { options: string[]; minutes: number } | null; schedule: Schedule }
export interface Copy { id: string; account: string; state: string; verb: string; error: string | null; out_at: string | null; checked_at: string | null; text: string; can: string[]; unwanted?: boolean }
export interface Publication {
  id: string; state: string; fields: Fields; before: Fields | null; by: Named; changed_by: Named; changed_at: string; needs: { account: string; approver: string; by: Named | null }[];
  rejected_by: Named | null; reject_reason: string | null; due: string | null; held_why: string | null; paused: boolean; rev: number; copies: Copy[]; can: string[];
}
export interface Line { id: string; state: string; text: string; accounts: string[]; by: Named; changed_at: string; due: string | null; clashes: string[] }

export const STATE: Record<string, string> = {
  draft: "Draft", proposed: "Waits for approval", scheduled: "Scheduled", running: "On its way", ended: "Sent", held: "Held: somebody has to say", withdrawn: "Withdrawn",
};
export const COPY: Record<string, string> = {
  waiting: "Waits to be sent", preparing: "Being uploaded", publishing: "Being published", out: "Out", failed: "Not published", unknown: "Not known: look at the platform",
  stopped: "Stopped by a pause", missing: "Said to be out, and not to be seen", changing: "Being changed", down: "Taken down",
};
export const ERROR: Record<string, string> = {
  platform_reauthorise: "the platform refused the access: connect the account again", platform_throttled: "the platform is busy", platform_not_allowed: "the platform does not allow it",
  platform_gone: "it is not there any more", paused: "publishing was paused", missing: "the public does not see it", still_there: "the public still sees it", overdue: "it is too late",
  asset_lost: "a picture or film of it is not there any more, or is another one: add it again", not_ready: "a picture or film of it is not there",
  unfit: "the platform would not take it as it is", platform_timed_out: "the platform did not answer", not_there: "somebody looked, and it is not there", withdrawn: "it was taken down before it was out",
};
export const APPROVER: Record<string, string> = { lead: "lead or deputy", comms: "communications", supervisor: "a supervisor" };
export const REJECT: readonly (readonly [string, string])[] = [["not_justified", "Not justified"], ["wording", "The wording"], ["another_way", "Better another way"], ["other_rule", "Another rule"]];
export const DOWN: readonly (readonly [string, string])[] = [
  ["closed", "It is over"], ["error", "It was wrong"], ["superseded", "Something else stands in its place"], ["court_order", "A court’s order"], ["privacy", "Somebody’s privacy"], ["other", "Something else"],
];
export const PAUSE: readonly (readonly [string, string])[] = [
  ["incident", "An incident"], ["bereavement", "Mourning"], ["purdah", "An election"], ["security", "Security"], ["error", "A mistake"], ["other", "Something else"],
];

const HELD: Record<string, string> = { overdue: "Its time had passed before it could go out." };
const EVERY = { day: "day", week: "week" } as const;
const FOLD = { first: "the first time that the clock shows it", second: "the second time that the clock shows it" } as const;

export const whyHeld = (code: string): string => HELD[code] ?? `${code.replaceAll("_", " ")}.`;

/** When somebody wants it to go out, as they typed it. */
export function scheduleWords({ at, fold, again }: Schedule): string {
  if (at === null) return "At once";
  const twice = fold === null ? "" : `, ${FOLD[fold]}`;
  return `${wallDate(at)} in London${twice}${again === null ? "" : `, and then each ${EVERY[again.every]}, ${again.times} times in all`}`;
}

/** When it goes out, in a sentence; what has gone out says so on each account. */
export function goesOut({ state, due, fields }: Pick<Publication, "state" | "due" | "fields">): string {
  const { at, again } = fields.schedule;
  if (state === "ended" || state === "withdrawn" || (state === "running" && due === null)) return "";
  if (due !== null) return `It goes out on ${longDate(due)}${again === null ? "" : `; ${scheduleWords(fields.schedule)}`}.`;
  if (at !== null) return `It is to go out at this time: ${scheduleWords(fields.schedule)}.`;
  return state === "draft" ? "It goes out as soon as it is sent, or approved." : "It goes out as soon as it is approved.";
}

export const outcome = ({ state, error, unwanted }: Pick<Copy, "state" | "error" | "unwanted">): string => {
  const said = `${COPY[state] ?? state}${unwanted === true ? ", to be taken down once it is known to be out" : ""}`;
  return error === null ? said : `${said}: ${ERROR[error] ?? error.replaceAll("_", " ")}`;
};

/** Whether a copy is on its way, so that the page looks again. */
export const moving = ({ copies }: Pick<Publication, "copies">): boolean => copies.some(({ state }) => ["waiting", "preparing", "publishing", "changing"].includes(state));

export const blank = (): Fields => ({ text: "", link: null, accounts: [], variants: {}, assets: [], poll: null, schedule: { at: null, fold: null, again: null } });

const MOST_ALT = 2_000;
const MEGABYTE = 1024 * 1024;
const MOST_MEGABYTES = { picture: 20, film: 4096 };

/** How large a file is, as people say it. */
export const sizeWords = (bytes: number): string => (bytes < MEGABYTE ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${Math.round(bytes / MEGABYTE).toLocaleString("en-GB")} MB`);

export const percent = (bytes: number, size: number): number => (size === 0 ? 0 : Math.floor((100 * Math.min(bytes, size)) / size));

/** Why a file is not sent; nothing when it is. */
export function problemOfFile({ name, type, size }: Pick<File, "name" | "type" | "size">): string {
  if (!TYPES.includes(type)) return `${name} is not of a type that platforms take. Choose JPEG, PNG, GIF, WebP, MP4 or QuickTime.`;
  if (size === 0) return `${name} is empty. Export it anew.`;
  const kind = type.startsWith("video/") ? "film" : "picture";
  const most = MOST_MEGABYTES[kind];
  return size > most * MEGABYTE ? `${name} has ${sizeWords(size)}; a ${kind} may have ${sizeWords(most * MEGABYTE)}. ${kind === "film" ? "Cut it, or export it in a lower quality." : "Save it smaller."}` : "";
}

export function wrongWith(fields: Fields, nameOf: (id: string) => string): FieldError[] {
  const errors: FieldError[] = [];
  const { text, link, accounts, variants, assets, schedule } = fields;
  if (text.trim() === "" && link === null && assets.length === 0) {
    const silent = accounts.filter((id) => (variants[id] ?? "").trim() === "");
    if (accounts.length === 0 || silent.length === accounts.length) errors.push({ field: "pub-text", text: "Write what is to be said" });
    else if (silent.length > 0) errors.push({ field: "pub-text", text: `Write what is to be said on ${silent.map(nameOf).join(", ")}` });
  }
  assets.forEach(({ id, alt }, at) => {
    if (alt.length > MOST_ALT) errors.push({ field: `pub-alt-${id}`, text: `Describe number ${at + 1} in ${MOST_ALT} characters at the most` });
  });
  if (link !== null && !/^https?:\/\/\S+$/.test(link)) errors.push({ field: "pub-link", text: "Enter a link that begins with https://" });
  if (schedule.again !== null && schedule.at === null) errors.push({ field: "pub-at", text: "Choose when it goes out the first time" });
  if (schedule.again !== null && !(schedule.again.times >= 2 && schedule.again.times <= 60)) errors.push({ field: "pub-times", text: "Enter a number from 2 to 60" });
  return errors;
}

/** Whether a copy that was asked about has not been looked at since; `asked` is when each was looked at before. */
export const unanswered = (copies: readonly Copy[], asked: Readonly<Record<string, string | null>>): boolean =>
  copies.some(({ id, checked_at }) => id in asked && asked[id] === checked_at);

/** Where a publication is shown. */
export const addressOfPublication = (id: string): string => addressOf({ screen: "compose", queue: id, post: null });

const momentOf = ({ due, changed_at }: Line): string => due ?? changed_at;

/** The days in London that something goes out on, and what, in order. */
export function byDay(found: readonly Line[]): { day: string; lines: Line[] }[] {
  const days = new Map<string, Line[]>();
  for (const line of [...found].sort((one, other) => momentOf(one).localeCompare(momentOf(other)))) {
    const day = londonDay(new Date(momentOf(line)));
    days.set(day, [...(days.get(day) ?? []), line]);
  }
  return [...days].map(([day, lines]) => ({ day, lines }));
}

/** What a publication clashes with, by its words where it is in the same month. */
export const clashing = (ids: readonly string[], all: readonly Line[]): { id: string; words: string }[] =>
  ids.map((id) => {
    const line = all.find((one) => one.id === id);
    return { id, words: line === undefined ? "one in another month" : `“${line.text.slice(0, 40) || "(no words)"}”, ${shortDate(momentOf(line))}` };
  });
