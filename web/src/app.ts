// The parts of the running page, put together once.
import { effect } from "@preact/signals";
import { Api } from "./api";
import { Commands } from "./state/commands";
import { Live } from "./state/live";
import { Store } from "./state/store";

export const store = new Store(new Api());
export const commands = new Commands(store);

const live = new Live({
  api: store.api,
  connect: (address) => new WebSocket(address),
  onPosts: (posts) => store.receive(posts),
  onReset: () => void store.reread(),
  onState: (state) => {
    store.link.value = state;
  },
  onError: (error) => store.fail(error),
});

/** Ask who is signed in, and hold the live link open for as long as somebody is who sees posts. */
export function startApp(): void {
  effect(() => {
    if (store.phase.value === "ready" && store.me.value?.permissions.includes("see")) live.start();
    else live.stop();
  });
  addEventListener("online", () => live.hurry());
  void store.start();
}
