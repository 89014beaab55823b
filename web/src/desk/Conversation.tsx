// All that was said with the author of the open post, on every account within reach, in the order of time.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { commands } from "../app";
import { Loaded, useLoaded } from "../office/kit";
import { type Conversation as Page, type Said, stateOf, together, whoSays } from "../state/conversation";
import type { PostSummary } from "../types";
import { Media, When, authorName } from "../views/bits";
import { stateName } from "../words/terms";

export function Conversation({ post }: { post: PostSummary }) {
  const cursor = useSignal<string | null>(null);
  const said = useSignal<readonly Said[]>([]);
  const list = useRef<HTMLOListElement>(null);
  const more = cursor.value === null ? "" : `?cursor=${encodeURIComponent(cursor.value)}`;
  const page = useLoaded<Page>(`/posts/${encodeURIComponent(post.id)}/conversation${more}`);
  useEffect(() => {
    if (page.value !== null) said.value = together(said.peek(), page.value.said);
  }, [page.value]);
  const earlier = (next: string) => (): void => {
    cursor.value = next;
    list.current?.focus(); // the button may be gone with the last page
  };
  return (
    <Loaded of={page}>
      {({ next }) => (
        <div data-testid="conversation">
          {next !== null && <button type="button" class="button" onClick={earlier(next)}>Show what was said earlier</button>}
          <ol ref={list} class="lines" tabIndex={-1} aria-label={`Conversation with ${authorName(post)}`}>
            {said.value.map((one) => <One key={one.id} one={one} post={post} />)}
          </ol>
          <p role="status" class="quiet">{said.value.length} shown{next === null ? ", and there are no others that you can see" : ""}.</p>
        </div>
      )}
    </Loaded>
  );
}

function One({ one, post }: { one: Said; post: PostSummary }) {
  const state = stateOf(one, stateName);
  return (
    <li class={`around ${one.direction === "out" ? "ours" : ""}`}>
      <p class="around-head"><strong>{whoSays(one, authorName(post))}</strong> <span class="quiet"><When iso={one.at} long /></span></p>
      <p class="around-text">{one.text || "(no text)"}</p>
      <Media media={one.media} />
      {(state !== "" || one.private) && <p class="quiet">{[one.private ? "Private" : "", state].filter(Boolean).join(". ")}</p>}
      {one.post === post.id
        ? one.id === post.id && <p class="quiet">This is the open post.</p>
        : <button type="button" class="button" onClick={() => void commands.open(one.post)}>Open<span class="unseen"> what stands here</span></button>}
    </li>
  );
}
