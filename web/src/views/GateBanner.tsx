// Above every screen while somebody may not act yet: what is missing, and the way to put it right.
import { store } from "../app";
import { route } from "../route";

export function GateBanner() {
  const gate = store.me.value?.gate;
  if (gate === undefined || gate.open || route.value.screen === "guide") return null;
  return (
    <section class="inset error" aria-label="What you may do" data-testid="gate">
      <strong>You can read, and not act yet.</strong> {gate.detail} <a href="#/guide">Open the guide and your training</a>
    </section>
  );
}
