// One row of the list. Everything needed for a first judgement, nothing that needs the mouse.
import { commands, store } from "../app";
import type { PostSummary } from "../types";
import { spansOf } from "../state/posts";
import { waiting } from "../words/dates";
import { flagName, kindName, platformName } from "../words/terms";
import { Marked, PlatformMark, RiskTag, StateTag, When, authorName } from "./bits";

export const rowId = (id: string): string => `row-${id}`;

interface RowProps {
  post: PostSummary;
  position: number;
  size: number;
  top: number;
  tall: boolean;
  active: boolean;
  selected: boolean;
  done: boolean;
}

export function PostRow({ post, position, size, top, tall, active, selected, done }: RowProps) {
  const classes = ["row", `edge-${post.case.risk}`, active ? "active" : "", done ? "done" : "", selected ? "selected" : ""];
  const open = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey) store.toggleSelected(post.id);
    else void commands.open(post.id);
  };
  return (
    // The keys are handled by the listbox, which keeps the focus.
    <div
      id={rowId(post.id)} role="option" aria-selected={selected} aria-posinset={position} aria-setsize={size}
      class={classes.join(" ")} style={{ transform: `translateY(${top}px)` }} onClick={open} data-testid="row" data-post={post.id}
    >
      <div class="row-line">
        <span class="row-who">{selected ? <span class="platform ticked" aria-hidden="true">✓</span> : <PlatformMark platform={post.platform} />}<span class="unseen">{platformName(post.platform)} </span><strong>{authorName(post)}</strong></span>
        <When iso={post.event_at} />
      </div>
      <p class="row-text"><Marked text={post.text || "(no text)"} spans={spansOf(post)} /></p>
      {tall && <Reasons post={post} />}
      <div class="row-line row-foot">
        <span class="row-account">{kindName(post.kind)}{post.media.length > 0 && " with media"} to {post.account_name}</span>
        <span class="row-tags"><Holder post={post} /><StateTag post={post} /><RiskTag risk={post.case.risk} /></span>
      </div>
    </div>
  );
}

function Reasons({ post }: { post: PostSummary }) {
  return (
    <p class="row-reasons">
      {post.case.reasons.map(({ rule, label }, at) => <span key={`${rule}${at}`} class="reason">{label}</span>)}
      <span class="quiet">waiting {waiting(post.received_at)}</span>
    </p>
  );
}

function Holder({ post: { case: { claimed_by: holder, flagged_to: flag } } }: { post: PostSummary }) {
  return (
    <>
      {flag !== null && <span class="tag">Flagged to {flagName(flag)}</span>}
      {holder !== null && <span class="tag claim">{holder.id === store.myId ? "Yours" : holder.name}</span>}
    </>
  );
}
