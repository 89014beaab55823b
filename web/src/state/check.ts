// The daily check: whoever has just looked at an account's open queue says so in one press.
import { ApiError } from "../api";
import type { Check } from "../types";
import { longDate } from "../words/dates";
import type { Store } from "./store";

/** The account whose open queue stands on the page with its proof, when this person may check it. */
export function checkable(store: Store): string | null {
  const looked = store.looked.value;
  const here = store.queue.value.query.account;
  const may = store.me.value?.permissions.includes("check") ?? false;
  return may && looked !== null && looked.account === here ? looked.account : null;
}

export function wordsOf(check: Check): string {
  if (check.state !== "checked" || check.at === null) return "Not checked yet today.";
  const as = check.capacity === "lead" ? ", its lead" : check.capacity === "deputy" ? ", its deputy" : "";
  return `Checked today by ${check.by?.name ?? "somebody"}${as}: ${longDate(check.at)}.`;
}

export async function checkAccount(store: Store): Promise<void> {
  const account = checkable(store);
  if (account === null) {
    store.say("Open the queue of one account, look at it, then check it.", "error");
    return;
  }
  const proof = store.looked.value?.proof ?? "";
  try {
    const done = await store.api.write<Check>(`/accounts/${encodeURIComponent(account)}/check`, { looked: proof });
    store.checks.value = { ...store.checks.value, [account]: done };
    store.say(wordsOf(done));
  } catch (error) {
    // Half an hour has gone by: what arrived since has not been seen, so the queue is read anew and pressed again.
    if (error instanceof ApiError && error.code === "not_looked") await store.openQueue(store.queueId.value);
    store.fail(error);
  }
}
