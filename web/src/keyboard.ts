// Which key means what. Letters work only while the list has focus and can be switched off (WCAG 2.1.4).

export type Command =
  | "next" | "previous" | "first" | "last" | "page-down" | "page-up" | "open"
  | "select" | "hide" | "reply" | "claim" | "dismiss" | "undo" | "check" | "filter" | "more" | "help";

/** What a key press carries; a KeyboardEvent fits. */
export interface Press { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean; repeat: boolean }

const MOVES: Record<string, Command> = {
  ArrowDown: "next", ArrowUp: "previous", Home: "first", End: "last", PageDown: "page-down", PageUp: "page-up",
  Enter: "open", " ": "select",
};
const LETTERS: Record<string, Command> = {
  j: "next", k: "previous", x: "select", h: "hide", r: "reply", a: "claim", e: "dismiss", z: "undo", c: "check", "/": "filter",
  ".": "more", "?": "help",
};
const MAY_REPEAT: ReadonlySet<Command> = new Set<Command>(["next", "previous", "page-down", "page-up"]);

export const SHORTCUTS: readonly { key: string; words: string }[] = [
  { key: "j", words: "Next post" },
  { key: "k", words: "Previous post" },
  { key: "Enter", words: "Open the post" },
  { key: "x", words: "Select or unselect the post" },
  { key: "h", words: "Hide" },
  { key: "r", words: "Reply" },
  { key: "a", words: "Claim or release" },
  { key: "e", words: "Dismiss: no action needed" },
  { key: "z", words: "Undo the last hide" },
  { key: "c", words: "Check the account: I looked at it today" },
  { key: "/", words: "Filter the list" },
  { key: ".", words: "More actions" },
  { key: "?", words: "This list of keys" },
];

/** The command of a key press in the list, or null when the key is not ours. */
export function commandFor(press: Press, lettersOn: boolean): Command | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  const command = MOVES[press.key] ?? (lettersOn ? LETTERS[press.key] : undefined) ?? null;
  if (command !== null && press.repeat && !MAY_REPEAT.has(command)) return null;
  return command;
}
