// The words and the small decisions of the screen of appeals.
export interface Picture { asset: string; source: string; taken_on: string | null; ref: string | null }
export interface Facts { kind: string; title: string; reason: string; basis: string; ref: string; review_on: string; pictures: Picture[] }
export interface Appeal { id: string; facts: Facts; state: string; by: { name: string }; at: string; rev: number; outcome: string | null; closed_at: string | null; rejected: string | null }
export interface Copy { account: string; account_name: string; platform: string; state: string; out_at: string | null; down_at: string | null; error: string | null; remaining: boolean; updated: boolean }
export interface View { appeal: Appeal; texts: string[]; assets: string[]; copies: Copy[]; remaining: number; minutes: number | null; due: boolean; void: boolean; can: string[] }
export interface Lead { post: { id: string; rev: number; text: string; account: string; author?: { name: string } }; lead: { verdict: string; passed: string | null } | null; answered: boolean; hide: boolean }

export const KINDS: Record<string, string> = { wanted: "Wanted", missing: "Missing", witness: "Witnesses", cctv: "CCTV" };
export const BASES: Record<string, string> = {
  task: "Law enforcement task (DPA 2018, s35(2)(b))", consent: "Consent", vital_interests: "Vital interests",
  safeguarding: "Safeguarding of children or adults at risk", public_task: "Task in the public interest",
};
/** Which basis fits which kind, as the server has it. */
export const FITTING: Record<string, readonly string[]> = {
  wanted: ["task"], cctv: ["task"], witness: ["task", "consent"], missing: ["vital_interests", "safeguarding", "public_task", "consent"],
};
export const SOURCES: Record<string, string> = {
  cctv: "CCTV", custody: "Custody", body_worn: "Body-worn video", family: "Family", public: "The public", press: "Press", other: "Other",
};
export const VERDICTS: Record<string, string> = {
  information: "Information", speculation: "Speculation", names_suspect: "Names a suspect", not_relevant: "Not relevant",
};
export const OUTCOMES: Record<string, string> = {
  found: "Found", found_safe: "Found safe", found_deceased: "Found deceased", arrested: "Arrested", handed_in: "Handed themselves in",
  identified: "Identified", witness_found: "Witness found", withdrawn: "Withdrawn", none: "No result",
};
export const ENDINGS: Record<string, string> = { take_down: "Take it down everywhere", update: "Update it everywhere", leave: "Leave it as it is" };
export const REJECTS: Record<string, string> = { not_justified: "Not justified", wording: "Wording", basis: "Lawful basis", picture: "Picture", timing: "Timing" };

export const optionsOf = (words: Record<string, string>, only: readonly string[] = Object.keys(words)) =>
  only.map((value) => ({ value, words: words[value] ?? value }));

/** How long it took, in words: "30 minutes", "2 hours 5 minutes", "3 days". */
export function taken(minutes: number | null): string {
  if (minutes === null) return "";
  const of = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;
  if (minutes < 60) return of(minutes, "minute");
  if (minutes < 2880) return [of(Math.floor(minutes / 60), "hour"), minutes % 60 ? of(minutes % 60, "minute") : ""].filter(Boolean).join(" ");
  return of(Math.round(minutes / 1440), "day");
}

/** What stands on an account, in a sentence of the page. */
export function standing(copy: Copy): string {
  if (copy.updated) return "Updated with the outcome";
  if (copy.state === "down") return "Taken down";
  if (copy.remaining) return copy.error ? `Still to be seen: the platform answered ${copy.error}` : "To be seen";
  return copy.error ? `Not out: ${copy.error}` : `Not out: ${copy.state}`;
}

/** The publications named in a field, by their ids. */
export const idsIn = (text: string): string[] => [...new Set(text.toUpperCase().match(/\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/g) ?? [])];

/** An instant from the clock on the wall of this machine. */
export const instant = (wall: string): string => new Date(wall).toISOString();
