// The right pane: one post, whole. Who and where, what was said around it, what can be done, what was done.
import { useEffect, useRef } from "preact/hooks";
import { store } from "../app";
import { notePost } from "../route";
import type { Detail } from "../state/store";
import type { PostSummary } from "../types";
import { ActionBar } from "./ActionBar";
import { ActionsDone } from "./ActionsDone";
import { focusList } from "./focus";
import { History } from "./History";
import { Identity } from "./Identity";
import { Notes } from "./Notes";
import { lazy } from "./lazy";
import { Reply } from "./Reply";
import { Thread } from "./Thread";
import { WIDE } from "./window";

/** Fetched with the first post that is opened: the list does not wait for it. */
const Together = lazy(() => import("../desk/Together"));
const Acts = lazy(() => import("../desk/Acts"));

export function DetailPane() {
  const detail = store.detail.value;
  const pane = useRef<HTMLElement>(null);
  const id = detail?.id ?? null;
  useEffect(() => {
    notePost(id);
    pane.current?.scrollTo({ top: 0 });
    // On a narrow screen the post takes the place of the list, and the focus with it.
    if (id !== null && !matchMedia(WIDE).matches) pane.current?.focus();
  }, [id]);
  return (
    <section ref={pane} class="pane detail" aria-label="The post" tabIndex={-1} data-testid="detail" data-post={id ?? ""} data-status={detail?.status ?? ""}>
      {detail === null ? <Nothing /> : <Opened detail={detail} />}
    </section>
  );
}

function Nothing() {
  return (
    <div class="nothing">
      <p>Choose a post to see it here.</p>
      <p class="quiet">Opening a post is recorded as a view. In the list, press <kbd>j</kbd> and <kbd>k</kbd> to move and <kbd>?</kbd> for all keys.</p>
    </div>
  );
}

function backToList(): void {
  store.closePost();
  requestAnimationFrame(focusList);
}

function Opened({ detail }: { detail: Detail }) {
  const post = store.post(detail.id);
  const failed = detail.status === "failed";
  return (
    <>
      <button type="button" class="button back" onClick={backToList}>Back to the list</button>
      {failed && <p class="inset error" role="alert">{detail.error}</p>}
      {post === undefined ? !failed && <p role="status">Opening the post…</p> : <Whole key={post.id} post={post} detail={detail} />}
    </>
  );
}

function Whole({ post, detail }: { post: PostSummary; detail: Detail }) {
  const ready = detail.status === "ready";
  return (
    <>
      <Identity post={post} />
      <Thread post={post} ids={detail.thread} />
      <ActionBar post={post} />
      <Acts />
      <Together />
      <Reply post={post} />
      {!ready && detail.status === "loading" && <p role="status" class="quiet">Reading actions, notes and history…</p>}
      {ready && <ActionsDone key={post.id} post={post.id} actions={detail.actions} />}
      {ready && <Notes post={post} notes={detail.notes} />}
      {ready && <History post={post} entries={detail.history} />}
    </>
  );
}
