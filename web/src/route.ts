// Where in the page we are, kept in the address after the #: a reload or a shared link comes back to it.
import { signal } from "@preact/signals";

export interface Route { screen: string; queue: string; post: string | null }

const KEYS_SWITCH = "bluelamp.letter-keys";

export function parseRoute(hash: string): Route {
  const [screen, queue, post] = hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return { screen: screen || "inbox", queue: queue || "open", post: post || null };
}

export function addressOf({ screen, queue, post }: Route): string {
  const steps = post === null ? [screen, queue] : [screen, queue, post];
  return `#/${steps.map(encodeURIComponent).join("/")}`;
}

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
