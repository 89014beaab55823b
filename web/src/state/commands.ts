// What a person can do to posts. Each change is shown at once, sent under an idempotency key, and taken back with the
// name of whoever acted first when the server refuses it.
import { ApiError } from "../api";
import type { Picture, Verb } from "../types";
import { reasonName, verbName } from "../words/terms";
import { following } from "./list";
import { PATCHES, type Patch, allowed, isOpen } from "./posts";
import type { Store } from "./store";

export const UNDO_SECONDS = 10;

/** The saved reply that an answer is made from, and the version that was seen. */
export interface Use { id: string; version: number }

type Body = (rev: number) => object;

/** `ref` goes into the record; `step` moves on to the next post of the list. */
export interface Manner { ref?: string; step?: boolean }

export class Commands {
  /** The last change of each post: the next one waits for it, so that it carries the fresh `rev`. */
  private readonly tails = new Map<string, Promise<unknown>>();
  private autoClaimed: string | null = null;

  constructor(private readonly store: Store, private readonly now: () => number = Date.now) {}

  /** Hide with ten seconds in which the platform is not yet called. */
  async hide(ids: readonly string[], code: string, { ref = "", step = false }: Manner = {}): Promise<boolean> {
    const wanted = this.only(ids, "hide");
    if (wanted.length === 0) return false;
    if (step) this.advance(wanted);
    const reason = ref === "" ? { code } : { code, ref };
    const what = wanted.length === 1 ? "Post hidden" : `${wanted.length} posts hidden`;
    const text = `${what}: ${reasonName(code).toLocaleLowerCase("en-GB")}.`;
    const undo = { ids: wanted, text, until: this.now() + UNDO_SECONDS * 1000 };
    this.store.undo.value = undo;
    const body: Body = (rev) => ({ reason, undo_seconds: UNDO_SECONDS, rev });
    const done = await Promise.all(wanted.map((id) => this.run(id, "hide", body, PATCHES.hide())));
    if (!done.includes(true) && this.store.undo.value === undo) this.store.undo.value = null;
    return done.every(Boolean);
  }

  /** Take back the last hide while its ten seconds run. */
  async undoLast(): Promise<void> {
    const undo = this.store.undo.value;
    if (undo === null) return;
    this.store.undo.value = null;
    await this.unhide(undo.ids);
    this.store.active.value = undo.ids[0] ?? null;
  }

  async unhide(ids: readonly string[]): Promise<void> {
    const wanted = this.only(ids, "unhide");
    const patch = (id: string): Patch => PATCHES.unhide(this.store.post(id)?.state ?? "hidden");
    const done = await Promise.all(wanted.map((id) => this.run(id, "unhide", (rev) => ({ rev }), patch(id))));
    if (done.length > 0 && done.every(Boolean)) this.store.say(done.length === 1 ? "The post is shown again." : "The posts are shown again.");
  }

  async remove(id: string, code: string, ref: string): Promise<void> {
    const reason = ref === "" ? { code } : { code, ref };
    const done = await this.run(id, "delete", (rev) => ({ reason, undo_seconds: UNDO_SECONDS, rev }), PATCHES.delete());
    if (done) this.sayOrdered(id, "Deletion ordered. It is carried out once the record is sealed.");
  }

  /** Answer in one's own words, or with a saved reply: without `text` its words are the server's own. */
  async reply(id: string, text: string | null, saved: Use | null = null, picture: Picture | null = null): Promise<boolean> {
    const said = { ...(text === null ? {} : { text }), ...(saved === null ? {} : { saved }), ...(picture === null ? {} : { picture }) };
    const body: Body = (rev) => ({ rev, undo_seconds: UNDO_SECONDS, ...said });
    const done = await this.run(id, "reply", body, PATCHES.reply());
    if (done) this.sayOrdered(id, "Reply sent to the platform once it is sealed.");
    return done;
  }

  /** What colleagues do with a case together: whose it is, its tags, its references. */
  together(id: string, verb: "assign" | "unassign" | "tag" | "untag" | "reference", body: object): Promise<boolean> {
    return this.run(id, verb, () => body, PATCHES.together());
  }

  async dismiss(ids: readonly string[], code: string, { step = false }: Manner = {}): Promise<void> {
    const wanted = this.only(ids, "dismiss");
    if (step) this.advance(wanted);
    const body: Body = (rev) => ({ reason: { code }, rev });
    const done = await Promise.all(wanted.map((id) => this.run(id, "dismiss", body, PATCHES.dismiss())));
    if (done.length > 0 && done.every(Boolean)) this.store.say(done.length === 1 ? "Post dismissed." : `${done.length} posts dismissed.`);
  }

  async flag(id: string, to: string, code: string): Promise<void> {
    const done = await this.run(id, "flag", (rev) => ({ to, reason: { code }, rev }), PATCHES.flag(to));
    if (done) this.store.say("Post flagged.");
  }

  /** Have whoever is on duty told of a post at once; the live link brings its new risk. */
  async call(id: string, code: string): Promise<void> {
    const rev = this.store.post(id)?.rev;
    try {
      await this.store.api.write(`/posts/${encodeURIComponent(id)}/call`, { to: "duty", reason: { code }, rev });
      this.store.say("Whoever is on duty has been called. The Calls screen shows who was asked.");
    } catch (error) {
      this.store.fail(error);
    }
  }

  note(id: string, text: string, mentions: readonly string[] = []): Promise<boolean> {
    return this.run(id, "note", () => (mentions.length === 0 ? { text } : { text, mentions }), PATCHES.note());
  }

  claim(id: string): Promise<boolean> {
    const me = this.store.me.value?.person;
    if (me === undefined) return Promise.resolve(false);
    return this.run(id, "claim", () => ({}), PATCHES.claim({ id: me.id, name: me.name }));
  }

  release(id: string): Promise<boolean> {
    return this.run(id, "release", () => ({}), PATCHES.release());
  }

  /** Claim what nobody holds, release what is mine. */
  async toggleClaim(id: string): Promise<void> {
    const holder = this.store.post(id)?.case.claimed_by ?? null;
    if (holder?.id === this.store.myId) await this.release(id);
    else await this.claim(id);
  }

  /** Open a post; in claim mode it is claimed, and the one left undecided is released. */
  async open(id: string): Promise<void> {
    this.store.active.value = id;
    const left = this.autoClaimed;
    if (left !== null && left !== id) {
      this.autoClaimed = null;
      const post = this.store.post(left);
      if (post !== undefined && isOpen(post) && post.case.claimed_by?.id === this.store.myId) void this.release(left);
    }
    await this.store.openPost(id);
    await this.claimOpened(id);
  }

  private async claimOpened(id: string): Promise<void> {
    const post = this.store.post(id);
    const takes = this.store.claimMode.value && this.store.active.value === id && post !== undefined
      && isOpen(post) && post.case.claimed_by === null && this.may(id, "claim");
    if (!takes) return;
    // Set before the answer: whoever moves on while it is on its way leaves nothing claimed behind.
    this.autoClaimed = id;
    if (!(await this.claim(id)) && this.autoClaimed === id) this.autoClaimed = null;
  }

  async setClaimMode(on: boolean): Promise<void> {
    this.store.claimMode.value = on;
    const held = this.autoClaimed;
    this.autoClaimed = null;
    const opened = this.store.detail.value?.id;
    if (on && opened !== undefined) await this.claimOpened(opened);
    if (!on && held !== null && this.store.post(held)?.case.claimed_by?.id === this.store.myId) await this.release(held);
  }

  may(id: string, verb: Verb | "reply_saved" | "refer"): boolean {
    const post = this.store.post(id);
    return post !== undefined && allowed(post, verb, this.store.me.value?.permissions ?? []);
  }

  private only(ids: readonly string[], verb: Verb): string[] {
    return ids.filter((id) => this.may(id, verb));
  }

  /**
   * Step to the next post that waits, so that a queue can be worked from the keys. Never after a button: a second
   * click on the same spot would then act on another post.
   */
  private advance(ids: readonly string[]): void {
    const { active, selected, rows } = this.store;
    selected.value = new Set([...selected.value].filter((id) => !ids.includes(id)));
    const from = active.value;
    if (from === null || !ids.includes(from)) return;
    const next = following(rows.value, from, (id) => ids.includes(id) || this.store.isDone(id));
    if (next !== null) active.value = next;
  }

  /** On some accounts what was asked for waits for a second person. */
  private sayOrdered(id: string, words: string): void {
    this.store.say(this.store.confirmed(id)?.proposed ? "Nothing is sent yet: a second person has to approve this, and was told." : words);
  }

  private run(id: string, verb: Verb, body: Body, patch: Patch): Promise<boolean> {
    const key = crypto.randomUUID();
    this.store.propose(id, key, patch);
    const before = this.tails.get(id) ?? Promise.resolve();
    const turn = before.then(() => this.send(id, verb, body, key));
    this.tails.set(id, turn);
    return turn;
  }

  private async send(id: string, verb: Verb, body: Body, key: string): Promise<boolean> {
    try {
      const { post } = await this.store.api.act(id, verb, body(this.store.confirmed(id)?.rev ?? 0), key);
      this.store.settle(id, key, post);
      return true;
    } catch (error) {
      this.store.settle(id, key, null);
      if (error instanceof ApiError && error.status === 409) await this.explainConflict(id, verb, error);
      else this.store.fail(error);
      return false;
    }
  }

  private async explainConflict(id: string, verb: Verb, error: ApiError): Promise<void> {
    const me = this.store.me.value?.person;
    const mine = error.by !== null && (error.by === me?.id || error.by === me?.name);
    const why = error.by === null ? error.message : `${mine ? "You, in another window," : error.by} acted on this post first.`;
    this.store.say(`${why} “${verbName(verb)}” was not carried out.`, "error");
    try {
      this.store.receive([(await this.store.api.post(id)).post]);
    } catch (later) {
      this.store.fail(later);
    }
  }
}
