// The dialogs of the desk. The one that cannot be undone starts with the focus on Cancel.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { commands, store } from "../app";
import { SHORTCUTS } from "../keyboard";
import { letterKeys, setLetterKeys } from "../route";
import type { PostSummary } from "../types";
import { DISMISS_REASONS, FLAG_REASONS, REFERENCE, REMOVAL_REASONS, needsHelp, platformName, reasonName } from "../words/terms";
import { moreActions } from "./ActionBar";
import { authorName } from "./bits";
import { ErrorSummary, Modal, Radios } from "./form";

const close = (): void => {
  store.dialog.value = null;
};

export function Dialogs() {
  const dialog = store.dialog.value;
  if (dialog === null) return null;
  const posts = dialog.ids.map((id) => store.post(id)).filter((post): post is PostSummary => post !== undefined);
  const [first] = posts;
  if (dialog.name === "help") return <Help />;
  if (first === undefined) return null;
  if (dialog.name === "hide") return <Hide posts={posts} step={dialog.step ?? false} />;
  if (dialog.name === "delete") return <Delete post={first} />;
  if (dialog.name === "dismiss") return <Dismiss posts={posts} step={dialog.step ?? false} />;
  if (dialog.name === "flag") return <Flag post={first} />;
  return <More post={first} />;
}

const radios = (codes: readonly string[]) => codes.map((value) => ({ value, words: reasonName(value) }));
const ids = (posts: readonly PostSummary[]): string[] => posts.map(({ id }) => id);
const some = (count: number, verb: string): string => (count === 1 ? `${verb} this post` : `${verb} ${count} posts`);

function Quote({ posts }: { posts: readonly PostSummary[] }) {
  const [post] = posts;
  if (post === undefined || posts.length > 1) return null;
  return <blockquote class="quoted"><p>{post.text || "(no text)"}</p><footer>{authorName(post)}, to {post.account_name} on {platformName(post.platform)}</footer></blockquote>;
}

interface AskProps {
  title: string;
  testid: string;
  legend: string;
  codes: readonly string[];
  chosen?: string;
  confirm: string;
  danger?: boolean;
  withRef?: boolean;
  onConfirm: (code: string, ref: string) => void;
  children?: ComponentChildren;
}

/** Ask for a reason, and for nothing else that is not needed. */
function AskReason({ title, testid, legend, codes, chosen = "", confirm, danger = false, withRef = false, onConfirm, children }: AskProps) {
  const code = useSignal(chosen);
  const ref = useSignal("");
  const tried = useSignal(false);
  const noReason = code.value === "" ? "Select a reason" : "";
  const badRef = ref.value.trim() === "" || REFERENCE.test(ref.value.trim()) ? "" : "Enter the reference as a number, without spaces";
  const errors = [{ field: "reason-0", text: noReason }, { field: "reason-ref", text: badRef }].filter(({ text }) => tried.value && text !== "");
  const submit = (event: Event): void => {
    event.preventDefault();
    tried.value = true;
    if (noReason !== "" || badRef !== "") return;
    close();
    onConfirm(code.value, ref.value.trim());
  };
  return (
    <Modal title={title} testid={testid} onClose={close}>
      <form onSubmit={submit} noValidate>
        <ErrorSummary errors={errors} />
        {children}
        <Radios legend={legend} name="reason" options={radios(codes)} value={code.value} error={tried.value ? noReason : ""} first={!danger} onChange={(value) => { code.value = value; }} />
        {withRef && (
          <label class="field"><span>Reference, if there is one</span>
            <span class="hint">For example a crime number, 42/12345/26. No names.</span>
            <input
              id="reason-ref" type="text" maxLength={40} autocomplete="off" value={ref.value} aria-invalid={tried.value && badRef !== ""}
              onInput={(event) => { ref.value = event.currentTarget.value; }}
            />
          </label>
        )}
        <div class="modal-foot">
          <button type="submit" class={`button ${danger ? "danger solid" : "primary"}`} data-testid="confirm">{confirm}</button>
          <button type="button" class="button" data-first={danger ? "" : undefined} data-testid="cancel" onClick={close}>Cancel</button>
        </div>
      </form>
    </Modal>
  );
}

interface ManyProps { posts: readonly PostSummary[]; step: boolean }

function Hide({ posts, step }: ManyProps) {
  return (
    <AskReason
      title={some(posts.length, "Hide")} testid="hide-dialog" legend="Why?" codes={REMOVAL_REASONS} confirm="Hide" withRef
      onConfirm={(code, ref) => void commands.hide(ids(posts), code, { ref, step })}
    >
      <Quote posts={posts} />
      <p>The public no longer sees it. You can undo this for 10 seconds, and show it again later.</p>
    </AskReason>
  );
}

function Delete({ post }: { post: PostSummary }) {
  return (
    <AskReason
      title="Delete this post" testid="delete-dialog" legend="Why is it deleted?" codes={REMOVAL_REASONS} confirm="Delete post" danger withRef
      onConfirm={(code, ref) => void commands.remove(post.id, code, ref)}
    >
      <Quote posts={[post]} />
      <p><strong>This cannot be undone.</strong> The post is removed from {platformName(post.platform)} for good. The original is sealed first and stays findable. If in doubt, hide it instead.</p>
    </AskReason>
  );
}

function Dismiss({ posts, step }: ManyProps) {
  return (
    <AskReason
      title={some(posts.length, "Dismiss")} testid="dismiss-dialog" legend="Why does it need nothing more?" codes={DISMISS_REASONS} chosen="no_action"
      confirm="Dismiss" onConfirm={(code) => void commands.dismiss(ids(posts), code, { step })}
    >
      <Quote posts={posts} />
    </AskReason>
  );
}

const FLAG_TO = [
  { value: "supervisor", words: "A supervisor" },
  { value: "control", words: "The control room" },
  { value: "comms", words: "Communications" },
  { value: "duty", words: "Whoever is on duty now: they are told at once, then the next in line until somebody answers" },
];

function Flag({ post }: { post: PostSummary }) {
  const to = useSignal(needsHelp(post.case.reasons.map(({ code }) => code)) ? "control" : "supervisor");
  return (
    <AskReason
      title="Flag this post" testid="flag-dialog" legend="Why should they look at it?" codes={FLAG_REASONS} confirm="Flag"
      onConfirm={(code) => void (to.value === "duty" ? commands.call(post.id, code) : commands.flag(post.id, to.value, code))}
    >
      <Quote posts={[post]} />
      <Radios legend="Who should look at it?" name="to" options={FLAG_TO} value={to.value} error="" onChange={(value) => { to.value = value; }} />
    </AskReason>
  );
}

function More({ post }: { post: PostSummary }) {
  const acts = moreActions(post);
  return (
    <Modal title="Actions for this post" testid="more-dialog" onClose={close}>
      <Quote posts={[post]} />
      <ul class="more-list">
        {acts.map(({ name, run }, at) => (
          <li key={name}><button type="button" class="button" data-first={at === 0 ? "" : undefined} onClick={() => { close(); run(); }}>{name}</button></li>
        ))}
      </ul>
      {acts.length === 0 && <p>Nothing can be done with this post now.</p>}
      <div class="modal-foot"><button type="button" class="button" data-first={acts.length === 0 ? "" : undefined} onClick={close}>Close</button></div>
    </Modal>
  );
}

function Help() {
  return (
    <Modal title="Keyboard shortcuts" testid="help-dialog" onClose={close}>
      <p>They work while the list has the focus. Letters never act while you write.</p>
      <dl class="keys">
        {SHORTCUTS.map(({ key, words }) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{words}</dd></div>)}
      </dl>
      <label class="check">
        <input type="checkbox" role="switch" data-testid="keys-switch" checked={letterKeys.value} onChange={(event) => setLetterKeys(event.currentTarget.checked)} />
        Letter keys on
      </label>
      <div class="modal-foot"><button type="button" class="button" data-first onClick={close}>Close</button></div>
    </Modal>
  );
}
