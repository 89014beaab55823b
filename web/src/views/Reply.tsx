// The answer to the public, under the account's name. A draft stays with its post, and is kept on the
// server with the next heartbeat.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { commands } from "../app";
import type { Use } from "../state/commands";
import { chosen, drafts, here, otherWriter, restored, writing } from "../state/here";
import type { PostSummary } from "../types";
import { platformName } from "../words/terms";
import { replyLength, replyLimit } from "../words/text";
import { ErrorSummary } from "./form";

export function Reply({ post }: { post: PostSummary }) {
  const text = useSignal(drafts.of(post.id));
  const error = useSignal("");
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
  const write = (words: string): void => {
    text.value = words;
    drafts.write(post.id, words);
    writing.value = words === "" ? null : post.id;
    if (words === "") saved.value = null;
  };
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (sending.value) return;
    if (other !== null) error.value = `${other.name} is writing a reply. Wait for it, or take over above`;
    else if (!free && saved.value === null) error.value = "Choose a saved reply first";
    else if (text.value.trim() === "") error.value = "Write the reply first";
    else if (left < 0) error.value = `Shorten the reply by ${-left} characters`;
    else {
      error.value = "";
      sending.value = true;
      const words = text.value.trim();
      if (await commands.reply(post.id, free ? words : null, saved.value)) {
        write("");
        drafts.sent(post.id);
      }
      sending.value = false;
    }
  };
  return (
    <form class="reply" onSubmit={(event) => void send(event)} noValidate aria-label="Reply">
      <ErrorSummary errors={error.value === "" ? [] : [{ field: "reply-text", text: error.value }]} />
      <label class="field" for="reply-text"><span>Reply as {post.account_name}</span></label>
      <textarea
        id="reply-text" rows={3} readOnly={!free} aria-describedby="reply-left" aria-invalid={error.value !== ""} value={text.value}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send(event); }}
      />
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
