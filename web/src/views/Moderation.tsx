// The moderation queue: what was found to be risky, worst first, with the words that were found.
import { useEffect } from "preact/hooks";
import { commands, store } from "../app";
import { MODERATION } from "../state/queues";
import { DetailPane } from "./DetailPane";
import { PostList } from "./PostList";

export function Moderation() {
  useEffect(() => {
    void store.openQueue(MODERATION.id);
    return () => void commands.setClaimMode(false);
  }, []);
  const opened = store.detail.value !== null;
  return (
    <div class={`panes two ${opened ? "opened" : ""}`}>
      <PostList tall header={<ClaimMode />} />
      <DetailPane />
    </div>
  );
}

function ClaimMode() {
  return (
    <label class="check claim-mode">
      <input
        type="checkbox" role="switch" data-testid="claim-mode" checked={store.claimMode.value}
        onChange={(event) => void commands.setClaimMode(event.currentTarget.checked)}
      />
      <span>Claim mode<span class="quiet"> – the post you open is yours until you decide or move on</span></span>
    </label>
  );
}
