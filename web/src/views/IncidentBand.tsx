// Above every screen while an incident is open that concerns the person. Read with who they are, again each minute that the
// page is looked at: what is polled for posts carries nothing of it.
import { useEffect } from "preact/hooks";
import { store } from "../app";
import { route } from "../route";

const AGAIN_MS = 60_000;

export function IncidentBand() {
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState !== "visible") return;
      store.api.me().then(
        (me) => { if (store.me.value?.person.id === me.person.id) store.me.value = me; },
        // What stands there stays until the next reading; the end of a session is told by whatever the person does next.
        () => undefined,
      );
    }, AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  const open = store.me.value?.incidents ?? [];
  if (open.length === 0) return null;
  return (
    <section class="incident-band" aria-label="Open incidents" data-testid="incident-band">
      <strong>Critical incident open:</strong> {open.map(({ code }) => code).join(", ")}.{" "}
      {route.value.screen !== "incidents" && <a href="#/incidents">Strategy and orders</a>}
    </section>
  );
}
