// Where in the page we are, kept in the address after the #: a reload or a shared link comes back to it.
import { signal } from "@preact/signals";

/** `screen` is empty where the address names none: then the first that is offered opens. */
export interface Route { screen: string; queue: string; post: string | null }

const KEYS_SWITCH = "bluelamp.letter-keys";

export function parseRoute(hash: string): Route {
  const [screen, queue, post] = hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return { screen: screen || "", queue: queue || "open", post: post || null };
}

export function addressOf({ screen, queue, post }: Route): string {
  const there = screen || "inbox";
  const steps = post === null ? [there, queue] : [there, queue, post];
  return `#/${steps.map(encodeURIComponent).join("/")}`;
}

export interface Gated { id: string; needs?: string | readonly string[] }

/** Whether a screen is offered to somebody: who has one of the permissions that it needs, or where it needs none. */
export const isOffered = ({ needs }: Gated, permissions: readonly string[]): boolean =>
  needs === undefined || [needs].flat().some((verb) => permissions.includes(verb));

/** The screen of an address; where it names none that there is, the first that is offered. */
export const screenAt = <T extends Gated>(screens: readonly T[], id: string, permissions: readonly string[]): T | undefined =>
  screens.find((one) => one.id === id) ?? screens.find((one) => isOffered(one, permissions));

export const route = signal<Route>(parseRoute(globalThis.location?.hash ?? ""));

export function watchRoute(): void {
  addEventListener("hashchange", () => {
    route.value = parseRoute(location.hash);
  });
}

/** Note the open post in the address without a step in the browser's history. */
export function notePost(post: string | null): void {
  const now = { ...route.peek(), post };
  if (location.hash !== addressOf(now)) history.replaceState(null, "", addressOf(now));
}

/** Where the sign-in comes back to. */
export const signInAddress = (): string =>
  `/api/auth/login?next=${encodeURIComponent(`/${location.hash}`)}`;

/** The off switch of the letter keys, remembered in this browser. */
export const letterKeys = signal(globalThis.localStorage?.getItem(KEYS_SWITCH) !== "off");

export function setLetterKeys(on: boolean): void {
  letterKeys.value = on;
  localStorage.setItem(KEYS_SWITCH, on ? "on" : "off");
}
