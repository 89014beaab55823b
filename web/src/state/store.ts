// All that the page knows, in one place. Views read signals and call methods; nothing here touches the document.
import { batch, computed, signal } from "@preact/signals";
import { type Api, ApiError } from "../api";
import type { Check, Account, Action, HistoryEntry, Me, Note, PostSummary, PictureLimits } from "../types";
import { EMPTY_LIST, type List, arrived, matching, paged, revealed, tidied } from "./list";
import { type Overlays, type Patch, type Posts, isNews, isOpen, merge, overlaid, withOverlay, withoutOverlay } from "./posts";
import { MODERATION, type Queue, queueOf } from "./queues";

export type Phase = "starting" | "signed-out" | "ready" | "unreachable";
export type LinkState = "connecting" | "live" | "lost";
export type DialogName = "hide" | "delete" | "dismiss" | "flag" | "more" | "help";

/** An open dialog; `step` when it was asked for from the list, which then moves on. */
export interface Asked { name: DialogName; ids: readonly string[]; step?: boolean }

export interface Detail {
  id: string;
  status: "loading" | "ready" | "failed";
  error: string;
  thread: readonly string[];
  actions: readonly Action[];
  notes: readonly Note[];
  history: readonly HistoryEntry[];
  pictures: readonly PictureLimits[];
}

export interface Notice { id: number; kind: "done" | "error"; text: string }
export interface Undo { ids: readonly string[]; text: string; until: number }

const PAGE = 50;
const REFRESH_MS = 700;

export class Store {
  readonly phase = signal<Phase>("starting");
  readonly ended = signal("");
  readonly me = signal<Me | null>(null);
  readonly accounts = signal<readonly Account[]>([]);
  readonly link = signal<LinkState>("connecting");

  private readonly fromServer = signal<Posts>(new Map());
  private readonly overlays = signal<Overlays>(new Map());
  /** Every known post as it is shown: the server's version under the changes still on their way. */
  readonly posts = computed<Posts>(() => {
    const overlays = this.overlays.value;
    if (overlays.size === 0) return this.fromServer.value;
    const shown = new Map(this.fromServer.value);
    for (const [id, overlay] of overlays) {
      const post = shown.get(id);
      if (post !== undefined) shown.set(id, overlaid(post, overlay));
    }
    return shown;
  });

  readonly queueId = signal("open");
  readonly queue = computed<Queue>(() => queueOf(this.queueId.value));
  readonly list = signal<List>(EMPTY_LIST);
  readonly openTotal = signal<number | null>(null);
  /** True once every page of the plain open queue was read, so that counts are exact. */
  readonly openComplete = signal(false);
  readonly filter = signal("");
  readonly rows = computed(() => matching(this.list.value.rows, this.posts.value, this.filter.value));
  readonly active = signal<string | null>(null);
  readonly selected = signal<ReadonlySet<string>>(new Set());
  readonly detail = signal<Detail | null>(null);

  readonly dialog = signal<Asked | null>(null);
  readonly notices = signal<readonly Notice[]>([]);
  readonly undo = signal<Undo | null>(null);
  readonly claimMode = signal(false);
  /** The account whose open queue was read last, with the proof of it; and the checks done from this page. */
  readonly looked = signal<{ account: string; proof: string } | null>(null);
  readonly checks = signal<Readonly<Record<string, Check>>>({});
  /** Counts moves by key in the list: from the first one on, the open post follows the active row. */
  readonly following = signal(0);

  private loads = 0;
  private noticeCount = 0;
  private refreshing: ReturnType<typeof setTimeout> | undefined;
  /** The revision at which the open post was last read. */
  private readRev = 0;

  constructor(readonly api: Api) {}

  get myId(): string {
    return this.me.value?.person.id ?? "";
  }

  post(id: string): PostSummary | undefined {
    return this.posts.value.get(id);
  }

  /** The server's own version, for its `rev`. */
  confirmed(id: string): PostSummary | undefined {
    return this.fromServer.value.get(id);
  }

  /** True when the row's work is over as far as this queue goes. */
  isDone = (id: string): boolean => {
    const post = this.post(id);
    return post === undefined || !this.queue.value.holds(post, this.myId);
  };

  async start(): Promise<void> {
    this.phase.value = "starting";
    try {
      const me = await this.api.me();
      batch(() => {
        this.me.value = me;
        this.phase.value = "ready";
      });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.phase.value = "signed-out";
      else this.phase.value = "unreachable";
      return;
    }
    try {
      this.accounts.value = await this.api.accounts();
    } catch (error) {
      this.fail(error);
    }
  }

  async signOut(): Promise<void> {
    try {
      await this.api.signOut();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) {
        this.fail(error);
        return;
      }
    }
    this.leave("You have signed out.");
  }

  /** Forget everything: the next person at this desk must not see it. */
  leave(words: string): void {
    batch(() => {
      this.phase.value = "signed-out";
      this.ended.value = words;
      this.me.value = null;
      this.fromServer.value = new Map();
      this.overlays.value = new Map();
      this.list.value = EMPTY_LIST;
      this.detail.value = null;
      this.active.value = null;
      this.dialog.value = null;
      this.undo.value = null;
    });
  }

  /** Say what went wrong. The end of a session leads back to the sign-in. */
  fail(error: unknown): void {
    if (error instanceof ApiError && error.status === 401) {
      if (this.phase.value === "ready") this.leave("Your session has ended. Sign in to go on.");
    } else this.say(error instanceof Error ? error.message : String(error), "error");
  }

  say(text: string, kind: Notice["kind"] = "done"): void {
    this.noticeCount += 1;
    this.notices.value = [...this.notices.value.slice(-2), { id: this.noticeCount, kind, text }];
  }

  dismissNotice(id: number): void {
    this.notices.value = this.notices.value.filter((notice) => notice.id !== id);
  }

  async openQueue(id: string): Promise<void> {
    batch(() => {
      this.queueId.value = id;
      this.following.value = 0;
      this.list.value = EMPTY_LIST;
      this.filter.value = "";
      this.active.value = null;
      this.selected.value = new Set();
      this.detail.value = null;
    });
    await this.page(null);
    if (this.list.value.status === "ready") this.active.value = this.list.value.rows[0] ?? null;
  }

  async nextPage(): Promise<void> {
    const { next, status } = this.list.value;
    if (next === null || status === "loading") return;
    this.list.value = { ...this.list.value, status: "loading" };
    await this.page(next);
  }

  private async page(cursor: string | null): Promise<void> {
    this.loads += 1;
    const load = this.loads;
    const queue = this.queue.value;
    try {
      const page = await this.api.queue({ ...queue.query, limit: PAGE, ...(cursor === null ? {} : { cursor }) });
      if (load !== this.loads) return;
      batch(() => {
        this.fromServer.value = merge(this.fromServer.value, page.posts);
        const held = page.posts.filter(({ id }) => {
          const post = this.post(id);
          return post !== undefined && queue.holds(post, this.myId);
        });
        this.list.value = paged(this.list.value, held, page.next, page.posts.at(-1));
        this.noteTotals(queue, page.next, page.counts.open);
        if (page.looked != null && queue.query.account !== undefined) this.looked.value = { account: queue.query.account, proof: page.looked };
      });
    } catch (error) {
      if (load !== this.loads) return;
      this.list.value = { ...this.list.value, status: "failed" };
      this.fail(error);
    }
  }

  private noteTotals(queue: Queue, next: string | null, open: number | null): void {
    if (queue.query.view !== "open" || queue.query.account !== undefined || queue.query.min_risk !== undefined || queue.query.assigned !== undefined) return;
    this.openTotal.value = open;
    this.openComplete.value = next === null;
  }

  /** Posts from the live link or a poll: rows change in place, new ones wait until asked for. */
  receive(incoming: readonly PostSummary[]): void {
    if (incoming.length === 0) return;
    batch(() => {
      const before = this.fromServer.value;
      this.takeIn(incoming);
      const current = incoming.map(({ id }) => this.post(id)).filter((post) => post !== undefined);
      const list = arrived(this.list.value, this.queue.value, current, before, this.myId);
      this.list.value = list;
      if (list.status === "ready" && list.rows.length === 0) this.showWaiting();
    });
  }

  /** Merge, and keep the server's total of open posts in step with what opened and closed since it was told. */
  private takeIn(incoming: readonly PostSummary[]): void {
    const before = this.fromServer.value;
    this.fromServer.value = merge(before, incoming);
    const open = this.detail.value;
    if (open?.status === "ready" && incoming.some(({ id, rev }) => id === open.id && rev > this.readRev)) this.refreshSoon(open.id);
    if (this.openTotal.value === null) return;
    let change = 0;
    for (const id of new Set(incoming.map((post) => post.id))) {
      const was = before.get(id);
      const is = this.fromServer.value.get(id);
      if (is === undefined || (was === undefined && !isNews(is))) continue;
      change += Number(isOpen(is)) - Number(was !== undefined && isOpen(was));
    }
    this.openTotal.value = Math.max(0, this.openTotal.value + change);
  }

  /** The server lost track of what this page has seen: read the queue again, without moving its rows. */
  async reread(): Promise<void> {
    const queue = this.queue.value;
    try {
      const { posts } = await this.api.queue({ ...queue.query, limit: PAGE });
      if (queue === this.queue.value) this.receive(posts);
    } catch (error) {
      this.fail(error);
    }
  }

  showWaiting(): void {
    const list = revealed(this.list.value, this.queue.value, this.posts.value);
    batch(() => {
      this.list.value = list;
      this.active.value ??= list.rows[0] ?? null;
    });
  }

  tidy(): void {
    this.list.value = tidied(this.list.value, this.queue.value, this.posts.value, this.myId);
    const rows = this.rows.value;
    if (this.active.value !== null && !rows.includes(this.active.value)) this.active.value = rows[0] ?? null;
  }

  toggleSelected(id: string): void {
    const selected = new Set(this.selected.value);
    if (!selected.delete(id)) selected.add(id);
    this.selected.value = selected;
  }

  /** Open a post beside the list. Opening is recorded, so nothing is read ahead. */
  async openPost(id: string): Promise<void> {
    if (this.detail.value?.id === id && this.detail.value.status !== "failed") return;
    this.detail.value = { id, status: "loading", error: "", thread: [], actions: [], notes: [], history: [], pictures: [] };
    await this.readPost(id);
  }

  /** Read the open post again soon. Changes come in bursts and each reading is a recorded view: one reading a burst. */
  private refreshSoon(id: string): void {
    clearTimeout(this.refreshing);
    this.refreshing = setTimeout(() => {
      if (this.detail.value?.id === id) void this.readPost(id);
    }, REFRESH_MS);
  }

  noteHistory(id: string, history: readonly HistoryEntry[]): void {
    if (this.detail.value?.id === id) this.detail.value = { ...this.detail.value, history };
  }

  private async readPost(id: string): Promise<void> {
    try {
      const { post, thread, actions, notes, history, pictures = [] } = await this.api.post(id);
      batch(() => {
        this.fromServer.value = merge(this.fromServer.value, [...thread, post]);
        if (this.detail.value?.id !== id) return;
        this.readRev = post.rev;
        this.detail.value = { id, status: "ready", error: "", thread: thread.map((one) => one.id), actions, notes, history, pictures };
      });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.fail(error);
      else if (this.detail.value?.id === id) {
        this.detail.value = { ...this.detail.value, status: "failed", error: error instanceof Error ? error.message : String(error) };
      }
    }
  }

  closePost(): void {
    this.detail.value = null;
  }

  propose(id: string, key: string, patch: Patch): void {
    this.overlays.value = withOverlay(this.overlays.value, id, { key, patch });
  }

  settle(id: string, key: string, post: PostSummary | null): void {
    batch(() => {
      if (post !== null) {
        this.takeIn([post]);
        if (this.detail.value?.id === id) this.refreshSoon(id);
      }
      this.overlays.value = withoutOverlay(this.overlays.value, id, key);
    });
  }

  get inModeration(): boolean {
    return this.queueId.value === MODERATION.id;
  }
}
