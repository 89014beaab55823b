// The conversation in time order, the post in question set out with the words and reasons that put it in the queue.
import { useSignal } from "@preact/signals";
import { store } from "../app";
import { spansOf } from "../state/posts";
import type { PostSummary } from "../types";
import { reasonName } from "../words/terms";
import { Marked, Media, StateTag, When, authorName } from "./bits";

export function Thread({ post, ids }: { post: PostSummary; ids: readonly string[] }) {
  const others = ids.filter((id) => id !== post.id).map((id) => store.post(id)).filter((one) => one !== undefined);
  const all = useSignal(false);
  const near = all.value || others.length <= SHORT ? others : others.filter((one) => isNear(one, post));
  const whole = [...near, post].sort((one, other) => one.event_at.localeCompare(other.event_at));
  return (
    <section class="thread" aria-label="Conversation">
      <ol>
        {whole.map((one) => (one.id === post.id ? <Focal key={one.id} post={post} /> : <Around key={one.id} post={one} />))}
      </ol>
      {near.length < others.length && (
        <button type="button" class="button" onClick={() => { all.value = true; }}>Show the whole conversation ({others.length + 1} posts)</button>
      )}
    </section>
  );
}

/** Below a popular post hundreds of people talk: at first only what this post answers and what answers it. */
const SHORT = 6;

const isNear = (one: PostSummary, post: PostSummary): boolean => one.id === post.parent || one.parent === post.id;

function Around({ post }: { post: PostSummary }) {
  return (
    <li class={`around ${post.direction === "out" ? "ours" : ""}`}>
      <p class="around-head"><strong>{post.direction === "out" ? post.account_name : authorName(post)}</strong> <span class="quiet"><When iso={post.event_at} /></span> <StateTag post={post} /></p>
      <p class="around-text">{post.text}</p>
      <Media media={post.media} />
    </li>
  );
}

function Focal({ post }: { post: PostSummary }) {
  const { reasons, state } = post.case;
  return (
    <li class={`focal edge-${post.case.risk}`} data-testid="post">
      <p class="post-text" data-testid="post-text"><Marked text={post.text || "(no text)"} spans={spansOf(post)} /></p>
      <Media media={post.media} />
      {state === "unjudged" && <p class="quiet">Not graded yet.</p>}
      {reasons.length > 0 && (
        <ul class="reasons" aria-label="Why it is here">
          {reasons.map(({ code, rule, label }, at) => (
            <li key={`${rule}${at}`}><strong>{reasonName(code)}</strong>: {label} <code>{rule}</code></li>
          ))}
        </ul>
      )}
    </li>
  );
}
