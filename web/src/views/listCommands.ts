// What the keys of the list do.
import { commands, store } from "../app";
import type { Command } from "../keyboard";
import { checkAccount } from "../state/check";
import { suggestedReason } from "../words/terms";

/** The selected posts, else the active one. */
function targets(): readonly string[] {
  const selected = [...store.selected.value];
  if (selected.length > 0) return selected;
  return store.active.value === null ? [] : [store.active.value];
}

function move(by: number): void {
  const rows = store.rows.value;
  const at = store.active.value === null ? -1 : rows.indexOf(store.active.value);
  const to = Math.min(rows.length - 1, Math.max(0, at + by));
  store.active.value = rows[to] ?? null;
  if (to >= rows.length - 3) void store.nextPage();
}

/** Hide at once when the finding gives the reason, else ask for it. */
export function hideOrAsk(ids: readonly string[], step: boolean): void {
  const able = ids.filter((id) => commands.may(id, "hide"));
  if (able.length === 0) {
    if (ids.length > 0) store.say("This post cannot be hidden.", "error");
    return;
  }
  const codes = new Set(able.map((id) => suggestedReason(store.post(id)?.case.reasons.map(({ code }) => code) ?? [])));
  const [code] = codes;
  if (codes.size === 1 && code != null) void commands.hide(able, code, { step });
  else store.dialog.value = { name: "hide", ids: able, step };
}

export async function replyTo(id: string): Promise<void> {
  await commands.open(id);
  requestAnimationFrame(() => document.getElementById("reply-text")?.focus());
}

const ACTS: Partial<Record<Command, (ids: readonly string[], page: number) => void>> = {
  next: () => move(1),
  previous: () => move(-1),
  first: () => move(Number.NEGATIVE_INFINITY),
  last: () => move(Number.POSITIVE_INFINITY),
  "page-down": (_, page) => move(page),
  "page-up": (_, page) => move(-page),
  open: () => { if (store.active.value !== null) void commands.open(store.active.value); },
  select: () => { if (store.active.value !== null) store.toggleSelected(store.active.value); },
  hide: (ids) => hideOrAsk(ids, true),
  reply: () => { if (store.active.value !== null) void replyTo(store.active.value); },
  claim: () => { if (store.active.value !== null) void commands.toggleClaim(store.active.value); },
  dismiss: (ids) => { if (ids.length > 0) store.dialog.value = { name: "dismiss", ids, step: true }; },
  undo: () => void commands.undoLast(),
  check: () => void checkAccount(store),
  filter: () => document.getElementById("list-filter")?.focus(),
  more: () => { if (store.active.value !== null) store.dialog.value = { name: "more", ids: [store.active.value] }; },
  help: () => { store.dialog.value = { name: "help", ids: [] }; },
};

export function runListCommand(command: Command, page: number): void {
  ACTS[command]?.(targets(), page);
}
