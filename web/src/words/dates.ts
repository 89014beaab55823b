// Times as GOV.UK writes them, always in UK time wherever the browser stands.

const ZONE = "Europe/London";

const parts = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE, day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit", hourCycle: "h23",
});

interface Moment { day: string; month: string; year: string; hour: number; minute: string }

function momentOf(iso: string): Moment | null {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return null;
  const found = new Map(parts.formatToParts(at).map(({ type, value }) => [type, value]));
  const text = (name: string): string => found.get(name as Intl.DateTimeFormatPartTypes) ?? "";
  return { day: text("day"), month: text("month"), year: text("year"), hour: Number(text("hour")), minute: text("minute") };
}

function clockOf({ hour, minute }: Moment): string {
  if (minute === "00" && hour === 0) return "midnight";
  if (minute === "00" && hour === 12) return "midday";
  const half = hour < 12 ? "am" : "pm";
  return `${hour % 12 === 0 ? 12 : hour % 12}${minute === "00" ? "" : `:${minute}`}${half}`;
}

/** "22 November 2026 at 4:29pm" */
export function longDate(iso: string): string {
  const moment = momentOf(iso);
  if (moment === null) return "unknown time";
  return `${moment.day} ${moment.month} ${moment.year} at ${clockOf(moment)}`;
}

const wallDates = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "long", year: "numeric" });

/** "22 November 2026 at 4:29pm", of what the clock in London shows: "2026-11-22T16:29". */
export function wallDate(wall: string): string {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(wall);
  if (found === null) return "unknown time";
  const [, year = "", month = "", day = "", hour = "", minute = ""] = found;
  return `${wallDates.format(new Date(`${year}-${month}-${day}T00:00:00Z`))} at ${clockOf({ day, month, year, hour: Number(hour), minute })}`;
}

const wallDays = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** "Sunday 22 November 2026", of "2026-11-22". */
export const wallDay = (day: string): string => wallDays.format(new Date(`${day}T00:00:00Z`)).replace(",", "");

/** "4:29pm" */
export function timeOfDay(iso: string): string {
  const moment = momentOf(iso);
  return moment === null ? "unknown time" : clockOf(moment);
}

const calendar = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, dateStyle: "short" });

/** "2026-11-22": the day of a moment in London, as the API and fields for dates write it. */
export const londonDay = (at: Date): string => calendar.format(at);

const walls = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, dateStyle: "short", timeStyle: "short" });

/** "2026-11-22T16:29": what the clock in London shows at a moment, as a field for date and time has it. */
export const wallOf = (iso: string): string => walls.format(new Date(iso)).replace(" ", "T");

/** The moment at which the clock in London shows a time: the first of two, and an hour later where it skips one. */
export function momentAt(wall: string): string {
  const summer = new Date(`${wall}:00+01:00`);
  return (wallOf(summer.toISOString()) === wall ? summer : new Date(`${wall}:00Z`)).toISOString();
}

/** Whether the clock in London shows this time twice, as it goes back in that night. */
export function comesTwice(wall: string): boolean {
  const summer = new Date(`${wall}:00+01:00`);
  const winter = new Date(`${wall}:00Z`);
  if (Number.isNaN(summer.getTime())) return false;
  return wallOf(summer.toISOString()) === wallOf(winter.toISOString());
}

/** "4:29pm" today, "21 Nov, 4:29pm" this year, "21 Nov 2025" before. */
export function shortDate(iso: string, now: Date = new Date()): string {
  const moment = momentOf(iso);
  const today = momentOf(now.toISOString());
  if (moment === null || today === null) return "unknown time";
  const month = moment.month.slice(0, 3);
  if (moment.year !== today.year) return `${moment.day} ${month} ${moment.year}`;
  if (moment.month !== today.month || moment.day !== today.day) return `${moment.day} ${month}, ${clockOf(moment)}`;
  return clockOf(moment);
}

/** "waiting 3 minutes": whole units, rounded down, never negative. */
export function waiting(iso: string, now: Date = new Date()): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - new Date(iso).getTime()) / 60_000));
  const say = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? "" : "s"}`;
  if (Number.isNaN(minutes)) return "";
  if (minutes < 1) return "just now";
  if (minutes < 60) return say(minutes, "minute");
  if (minutes < 48 * 60) return say(Math.floor(minutes / 60), "hour");
  return say(Math.floor(minutes / (24 * 60)), "day");
}
