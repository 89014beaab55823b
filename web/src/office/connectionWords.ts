// How an account's token stands, in words, and what can be done about it.
import { longDate } from "../words/dates";

export interface Line {
  connection: "connected" | "renewing" | "reconnect" | "disconnected" | "by_hand";
  token: "working" | "refused" | "unknown";
  token_refused_at: string | null;
  token_expires_at: string | null;
  reconnect: string | null;
  data_until: string | null;
  lacks: string[];
  consent: "to_end" | "ending" | "ended" | "page_left" | "stands" | null;
  consent_said: string | null;
}

const WHY: Record<string, string> = {
  refused: "the platform took the consent back",
  refused_again: "the platform refused a token that it had only just given",
  answer_lost: "the platform’s answer to the last renewal was lost",
  not_saved: "the renewed token could not be kept",
  no_refresh_token: "the platform refused the token, and nothing renews it",
};

/** What became of the platform’s consent once the account was disconnected. */
function consentWords({ consent, consent_said }: Line): string {
  if (consent === "to_end" || consent === "ending") return ". The platform is about to be told";
  if (consent === "ended") return ". The platform has ended its consent";
  if (consent === "page_left") return ". The page sends nothing any more; the consent of whoever runs it stands until they take it back on the platform";
  return consent === "stands" ? `. The platform’s consent may still stand${consent_said === null ? "" : ` (it said ${consent_said})`}: end it there, in the list of apps` : "";
}

const WARNED_DAYS = 14;

/** What the platform says of a token that nothing renews; urgent two weeks before it ceases to give data, or when permissions lack. */
function lookedWords({ token_expires_at, data_until, lacks }: Line, now: number): { words: string; urgent: boolean } {
  const ends = [token_expires_at, data_until].filter((at): at is string => at !== null).sort()[0];
  const soon = ends !== undefined && Date.parse(ends) - now < WARNED_DAYS * 24 * 3600 * 1000;
  const until = ends === undefined ? "Connected; its token has no end" : `Connected; the platform gives data until ${longDate(ends)}${soon ? ": connect it again before" : ""}`;
  return { words: lacks.length === 0 ? until : `${until}. Not allowed: ${lacks.join(", ")}. Connect it again and allow everything that is asked for`, urgent: soon || lacks.length > 0 };
}

/** One sentence on the token; `urgent` when nothing goes on without a person. */
export function tokenWords(line: Line, now = Date.now()): { words: string; urgent: boolean } {
  if (line.connection === "reconnect") {
    const why = WHY[line.reconnect ?? ""];
    return { words: `Connect this account again${why === undefined ? "" : `: ${why}`}`, urgent: true };
  }
  if (line.connection === "disconnected") return { words: `Not connected: nothing is read or sent here${consentWords(line)}`, urgent: true };
  if (line.token === "refused") {
    const since = line.token_refused_at === null ? "" : ` since ${longDate(line.token_refused_at)}`;
    return { words: `Its token is refused${since}: connect it`, urgent: true };
  }
  if (line.connection === "by_hand") return { words: line.token === "working" ? "Its token was set by hand and works; nothing renews it" : "Nothing is known of its token yet", urgent: false };
  if (line.connection === "renewing") return { words: "Connected; its token is being renewed", urgent: false };
  if (line.data_until !== null || line.lacks.length > 0) return lookedWords(line, now);
  return { words: line.token_expires_at === null ? "Connected; its token has no end" : `Connected; its token is renewed before it ends on ${longDate(line.token_expires_at)}`, urgent: false };
}

/** What the button says. */
export const connectWords = ({ connection }: Line): string => (connection === "by_hand" || connection === "disconnected" ? "Connect" : "Reconnect");

/** Whether an address that the server gave is one that a browser may be led to. */
export function leadsOut(address: string): boolean {
  return /^https:\/\//.test(address) || /^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(address);
}
