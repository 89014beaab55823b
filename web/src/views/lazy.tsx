// A screen whose code is fetched when it is first opened, so that the desk itself stays small.
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";

type Load<P> = () => Promise<{ default: ComponentType<P> }>;

export function lazy<P extends object = object>(load: Load<P>): ComponentType<P> {
  let known: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const view = useSignal<ComponentType<P> | null>(known);
    const failed = useSignal(false);
    useEffect(() => {
      if (known !== null) return;
      load().then(
        (found) => {
          known = found.default;
          view.value = known;
        },
        // After a new version is deployed the old page's parts are gone: a reload fetches the new page.
        () => { failed.value = true; },
      );
    }, []);
    if (failed.value) {
      return (
        <div class="inset" role="alert">
          <p>This screen could not be loaded.</p>
          <button type="button" class="button" onClick={() => location.reload()}>Reload the page</button>
        </div>
      );
    }
    const View = view.value;
    return View === null ? <p role="status" class="quiet">Opening…</p> : <View {...props} />;
  };
}
