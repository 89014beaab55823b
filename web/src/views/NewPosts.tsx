// "7 new posts: show". The list stays still until the reader asks, and the line always keeps its room, so that not even
// its coming moves a row.
import { store } from "../app";
import { riskRank } from "../state/posts";
import type { PostSummary } from "../types";
import { riskName } from "../words/terms";
import { focusList } from "./focus";

export function NewPosts() {
  const waiting = store.list.value.waiting.map((id) => store.post(id)).filter((post): post is PostSummary => post !== undefined);
  const count = waiting.length;
  const worst = waiting.reduce<PostSummary | undefined>(
    (found, post) => (found === undefined || riskRank(post.case.risk) > riskRank(found.case.risk) ? post : found), undefined,
  );
  const newest = waiting.at(-1);
  const words = count === 1 ? "1 new post" : `${count} new posts`;
  const risky = worst !== undefined && riskRank(worst.case.risk) >= riskRank("high");
  const show = (): void => {
    store.showWaiting();
    focusList();
  };
  return (
    <div class="new-posts" data-testid="new-posts" data-count={count}>
      <span class="unseen" role="status">{count > 0 && `${words}${risky ? `, ${riskName(worst.case.risk)}` : ""}`}</span>
      {count === 0 && <p class="no-news quiet" aria-hidden="true">No new posts</p>}
      {count > 0 && newest !== undefined && (
        <button type="button" class={`new-button ${risky ? "risky" : ""}`} onClick={show}>
          <strong>{words}: show</strong>
          {risky && <span class="tag risk-high">{riskName(worst.case.risk)}</span>}
          <span class="new-text">{newest.text}</span>
        </button>
      )}
    </div>
  );
}
