// The left pane: the queues with their counts, and the accounts.
import { useSignal } from "@preact/signals";
import { store } from "../app";
import { type Queue, QUEUES, accountQueueId, countOf, queueOf } from "../state/queues";
import { platformName } from "../words/terms";
import { PlatformMark } from "./bits";

export function Queues({ current }: { current: string }) {
  return (
    <nav class="pane queues" aria-label="Queues">
      <h2 class="pane-title">Queues</h2>
      <ul class="queue-list">
        {QUEUES.map((queue) => (
          <li key={queue.id}>
            <a href={`#/inbox/${queue.id}`} aria-current={queue.id === current ? "true" : undefined} data-testid={`queue-${queue.id}`}>
              <span>{queue.name}</span><QueueCount queue={queue} />
            </a>
          </li>
        ))}
      </ul>
      <Accounts current={current} />
    </nav>
  );
}

/** Done work is not counted: its length says nothing and reading it all would cost. */
function QueueCount({ queue }: { queue: Queue }) {
  if (queue.id === "done") return null;
  const complete = store.openComplete.value || queue.query.view === "done";
  const { known, more } = countOf(queue, store.posts.value, store.myId, complete);
  const total = queue.id === "open" ? store.openTotal.value : null;
  if (total !== null && more) return <Count number={Math.max(total, known)} more={false} queue={queue} />;
  return <Count number={known} more={more && known > 0} queue={queue} />;
}

function Count({ number, more, queue }: { number: number; more: boolean; queue: Queue }) {
  if (number === 0) return null;
  const urgent = queue.id === "high";
  return (
    <span class={`count ${urgent ? "urgent" : ""}`} data-testid={`count-${queue.id}`}>
      {number}{more && <span aria-hidden="true">+</span>}<span class="unseen">{more ? " or more" : ""} posts</span>
    </span>
  );
}

function Accounts({ current }: { current: string }) {
  const words = useSignal("");
  const accounts = store.accounts.value;
  if (accounts.length === 0) return null;
  const wanted = words.value.trim().toLocaleLowerCase("en-GB");
  const shown = accounts.filter(({ name, team }) => `${name} ${team}`.toLocaleLowerCase("en-GB").includes(wanted));
  const open = current.startsWith("account:");
  return (
    <details class="accounts" open={open || undefined}>
      <summary><h2 class="pane-title">Accounts <span class="quiet">({accounts.length})</span></h2></summary>
      <label class="field small">
        <span>Find an account</span>
        <input type="search" value={words.value} onInput={(event) => { words.value = event.currentTarget.value; }} />
      </label>
      <ul class="queue-list">
        {shown.map(({ id, name, platform }) => {
          const queue = queueOf(accountQueueId(id));
          const { known } = countOf(queue, store.posts.value, store.myId, true);
          return (
            <li key={id}>
              <a href={`#/inbox/${encodeURIComponent(queue.id)}`} aria-current={queue.id === current ? "true" : undefined}>
                <span class="account-name"><PlatformMark platform={platform} /><span class="unseen">{platformName(platform)}: </span>{name}</span>
                <Count number={known} more={false} queue={queue} />
              </a>
            </li>
          );
        })}
      </ul>
      {shown.length === 0 && <p class="quiet">No account of that name.</p>}
    </details>
  );
}
