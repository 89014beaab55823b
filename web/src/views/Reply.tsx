// The answer to the public, under the account's name. A draft stays with its post, and is kept on the
// server with the next heartbeat.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { commands, store } from "../app";
import type { Use } from "../state/commands";
import { chosen, drafts, here, otherWriter, restored, writing } from "../state/here";
import type { Picture, PostSummary } from "../types";
import { problemOfAnswer } from "../words/pictures";
import { platformName } from "../words/terms";
import { replyLength, replyLimit } from "../words/text";
import { ErrorSummary, type FieldError } from "./form";
import { lazy } from "./lazy";

const AnswerPicture = lazy(() => import("../desk/AnswerPicture"));

export function Reply({ post }: { post: PostSummary }) {
  const text = useSignal(drafts.of(post.id));
  const error = useSignal<FieldError | null>(null);
  const picture = useSignal<Picture | null>(null);
  const adding = useSignal(false);
  const busy = useSignal(false);
  const sending = useSignal(false);
  const saved = useSignal<Use | null>(null);
  const pick = chosen.value;
  const free = commands.may(post.id, "reply");
  useEffect(() => {
    if (pick?.post !== post.id) return;
    saved.value = pick.use;
    write(pick.text);
    chosen.value = null;
  }, [pick]);
  const kept = restored.value;
  useEffect(() => {
    if (kept?.post !== post.id) return;
    restored.value = null;
    if (text.value === "" && (free || saved.value !== null)) write(kept.text);
  }, [kept]);
  useEffect(() => () => { if (writing.peek() === post.id) writing.value = null; }, []);
  if (!free && !commands.may(post.id, "reply_saved")) return null;
  const other = otherWriter(here.value, post.id);
  const limit = replyLimit(post.platform);
  const left = limit - replyLength(post.platform, text.value);
  const mayAdd = free && store.me.value?.permissions.includes("draft") === true;
  const limits = mayAdd && store.detail.value?.id === post.id ? store.detail.value.pictures.find(({ verb }) => verb === "reply") : undefined;
  const write = (words: string): void => {
    text.value = words;
    drafts.write(post.id, words);
    writing.value = words === "" ? null : post.id;
    if (words === "") saved.value = null;
  };
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (sending.value) return;
    const wrong = (words: string): FieldError => ({ field: "reply-text", text: words });
    if (other !== null) error.value = wrong(`${other.name} is writing a reply. Wait for it, or take over above`);
    else if (!free && saved.value === null) error.value = wrong("Choose a saved reply first");
    else if (text.value.trim() === "") error.value = wrong("Write the reply first");
    else if (left < 0) error.value = wrong(`Shorten the reply by ${-left} characters`);
    else error.value = problemOfAnswer("reply", picture.value, busy.value);
    if (error.value !== null) return;
    sending.value = true;
    if (await commands.reply(post.id, free ? text.value.trim() : null, saved.value, picture.value)) {
      write("");
      drafts.sent(post.id);
      picture.value = null;
      adding.value = false;
    }
    sending.value = false;
  };
  return (
    <form class="reply" onSubmit={(event) => void send(event)} noValidate aria-label="Reply">
      <ErrorSummary errors={error.value === null ? [] : [error.value]} />
      <label class="field" for="reply-text"><span>Reply as {post.account_name}</span></label>
      <textarea
        id="reply-text" rows={3} readOnly={!free} aria-describedby="reply-left" aria-invalid={error.value?.field === "reply-text"} value={text.value}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send(event); }}
      />
      {limits !== undefined && (adding.value
        ? <AnswerPicture id="reply" focus name={platformName(post.platform)} limits={limits} picture={picture.value} set={(one) => { picture.value = one; }} busy={(now) => { busy.value = now; }} />
        : <p><button type="button" class="button" data-testid="reply-picture" onClick={() => { adding.value = true; }}>Add a picture</button></p>)}
      <div class="reply-foot">
        <button type="submit" class="button" data-testid="reply-send" aria-disabled={sending.value}>{post.private ? "Send reply" : "Publish reply"}</button>
        <span id="reply-left" class={`quiet ${left < 0 ? "over" : ""}`}>
          {left < 0 ? `${-left} characters too many` : `${left} characters left`} for {platformName(post.platform)}. {post.private ? "Seen by the writer only." : "Seen by everybody."}
          {!free && " The control room answers with saved replies, word for word."}
          {other !== null && ` ${other.name} is writing a reply.`}
        </span>
      </div>
    </form>
  );
}
