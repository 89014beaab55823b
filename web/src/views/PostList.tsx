// The middle pane: a listbox over a window of rows of one height, worked by keys while it has the focus.
import { useSignal, useSignalEffect } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { commands, store } from "../app";
import { type Command, commandFor } from "../keyboard";
import { letterKeys } from "../route";
import { focusList } from "./focus";
import { NewPosts } from "./NewPosts";
import { PostRow, rowId } from "./PostRow";
import { runListCommand } from "./listCommands";
import { WIDE, rowsInSight, scrollFor } from "./window";

const NEAR_END_ROWS = 10;

export function PostList({ tall, header }: { tall: boolean; header?: ComponentChildren }) {
  return (
    <section class="pane list-pane" aria-label="Posts">
      <ListHead />
      {header}
      <NewPosts />
      <Rows tall={tall} />
      <ListFoot />
    </section>
  );
}

function ListHead() {
  const queue = store.queue.value;
  const how = queue.query.view === "done" ? "Latest first" : "Highest risk first, then longest waiting";
  return (
    <div class="list-head">
      <div>
        <h2 class="pane-title" data-testid="queue-name">{queue.id.startsWith("account:") ? accountName(queue.query.account) : queue.name}</h2>
        <p class="quiet">{how}</p>
      </div>
      <label class="filter">
        <span class="unseen">Filter this list</span>
        <input
          type="search" id="list-filter" placeholder="Filter this list" value={store.filter.value}
          onInput={(event) => { store.filter.value = event.currentTarget.value; }}
          onKeyDown={(event) => { if (event.key === "Escape" || event.key === "Enter") focusList(); }}
        />
      </label>
    </div>
  );
}

const accountName = (id: string | undefined): string => store.accounts.value.find((one) => one.id === id)?.name ?? "One account";

function Rows({ tall }: { tall: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLDivElement>(null);
  const sight = useSignal({ top: 0, height: 800 });
  const rowHeight = useSignal(tall ? 140 : 92);
  const rows = store.rows.value;
  const active = store.active.value;
  const at = active === null ? -1 : rows.indexOf(active);

  useLayoutEffect(() => {
    const measure = (): void => {
      if (box.current === null || probe.current === null) return;
      rowHeight.value = probe.current.getBoundingClientRect().height || rowHeight.value;
      sight.value = { top: box.current.scrollTop, height: box.current.clientHeight };
    };
    const watcher = new ResizeObserver(measure);
    if (box.current !== null) watcher.observe(box.current);
    if (probe.current !== null) watcher.observe(probe.current);
    measure();
    return () => watcher.disconnect();
  }, []);

  useEffect(() => {
    if (box.current === null || at < 0) return;
    const seen = { top: box.current.scrollTop, height: box.current.clientHeight };
    box.current.scrollTop = scrollFor(at, rowHeight.value, seen);
  }, [at]);
  useFollow();

  const onScroll = (): void => {
    if (box.current === null) return;
    sight.value = { top: box.current.scrollTop, height: box.current.clientHeight };
    const below = rows.length * rowHeight.value - sight.value.top - sight.value.height;
    if (below < NEAR_END_ROWS * rowHeight.value) void store.nextPage();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const command = commandFor(event, letterKeys.value);
    if (command === null) return;
    event.preventDefault();
    const page = Math.max(1, Math.floor(sight.value.height / rowHeight.value) - 1);
    runListCommand(command, page);
    if (MOVES.has(command)) store.following.value += 1;
  };
  return (
    <div
      ref={box} role="listbox" tabIndex={0} class={`rows ${tall ? "tall" : ""}`} aria-label={`Posts: ${store.queue.value.name}`}
      aria-multiselectable="true" aria-activedescendant={at >= 0 && active !== null ? rowId(active) : undefined}
      aria-busy={store.list.value.status === "loading"} data-testid="list" onScroll={onScroll} onKeyDown={onKeyDown}
    >
      <div ref={probe} class="row-probe" role="presentation" />
      <div class="row-space" role="presentation" style={{ height: `${rows.length * rowHeight.value}px` }}>
        {rowsInSight(rows.length, rowHeight.value, sight.value, at).map((index) => {
          const post = store.post(rows[index] ?? "");
          return post && (
            <PostRow
              key={post.id} post={post} position={index + 1} size={setSize(rows.length)} top={index * rowHeight.value} tall={tall}
              active={post.id === active} selected={store.selected.value.has(post.id)} done={store.isDone(post.id)}
            />
          );
        })}
      </div>
    </div>
  );
}

const MOVES: ReadonlySet<Command> = new Set<Command>(["next", "previous", "first", "last", "page-down", "page-up"]);

/** The whole length when it is known, else -1 as ARIA asks. */
function setSize(length: number): number {
  return store.list.value.next === null || store.filter.value !== "" ? length : -1;
}

const REST_MS = 350;

/**
 * The post beside the list follows the active row, after a short rest: opening a post is a recorded view, and rows that
 * are only passed are not viewed. On a narrow screen a post opens only when asked for.
 */
function useFollow(): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useSignalEffect(() => {
    const active = store.active.value;
    const moved = store.following.value > 0;
    clearTimeout(timer.current);
    const opened = store.detail.peek();
    if (active === null || active === opened?.id || !(moved || opened !== null) || !matchMedia(WIDE).matches) return;
    timer.current = setTimeout(() => void commands.open(active), REST_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}

function tidy(): void {
  store.tidy();
  focusList();
}

function ListFoot() {
  const { status, next, rows } = store.list.value;
  const done = store.queue.value.query.view === "open" ? rows.filter(store.isDone).length : 0;
  const shown = store.rows.value.length;
  return (
    <div class="list-foot">
      <p role="status" data-testid="list-status">
        {status === "loading" && "Reading posts…"}
        {status === "ready" && rows.length === 0 && "Nothing waits here."}
        {status === "ready" && rows.length > 0 && shown === 0 && "No post in this list has these words."}
        {status === "failed" && "The list could not be read."}
      </p>
      {status === "failed" && <button type="button" class="button" onClick={() => void store.openQueue(store.queueId.value)}>Try again</button>}
      {done > 0 && <button type="button" class="button" data-testid="tidy" onClick={tidy}>Clear {done} done</button>}
      {status === "ready" && next !== null && <button type="button" class="button" onClick={() => void store.nextPage()}>Show more posts</button>}
      {store.selected.value.size > 0 && <span class="quiet" data-testid="selected">{store.selected.value.size} selected</span>}
    </div>
  );
}
