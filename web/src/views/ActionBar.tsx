// What can be done with the open post. A button that would be refused is not shown.
import { commands, store } from "../app";
import type { DialogName } from "../state/store";
import type { PostSummary, Verb } from "../types";
import { needsHelp, reasonName, suggestedReason, verbName } from "../words/terms";
import { keepFocus } from "./focus";

const ask = (name: DialogName, id: string) => (): void => {
  store.dialog.value = { name, ids: [id] };
};

type Proposed = PostSummary["proposed"];

/** Whether it still waits: after its time it is void, whether or not the server has written that down. */
const waiting = (proposed: Proposed): proposed is NonNullable<Proposed> => proposed != null && new Date(proposed.until) > new Date();

export function ActionBar({ post }: { post: PostSummary }) {
  const may = (verb: Verb): boolean => commands.may(post.id, verb);
  const open = post.case.state !== "closed";
  const { proposed } = post;
  const holder = post.case.claimed_by;
  const urgent = needsHelp(post.case.reasons.map(({ code }) => code));
  const flag = open && may("flag") && (
    <button type="button" class={`button ${urgent ? "primary" : ""}`} data-testid="flag" onClick={ask("flag", post.id)}>
      {urgent ? "Flag to the control room…" : "Flag…"}
    </button>
  );
  return (
    <div class="actions" role="group" aria-label="Actions for this post" onClick={keepFocus}>
      {urgent && flag}
      {waiting(proposed) && (
        <p class="quiet" data-testid="waiting-approval">
          <strong>Waiting for approval:</strong> {verbName(proposed.verb).toLocaleLowerCase("en-GB")}, proposed by {proposed.by.name}. <a href="#/approvals">Approvals</a>
        </p>
      )}
      {may("hide") && <HideButtons post={post} />}
      {may("unhide") && <button type="button" class="button primary" data-testid="unhide" onClick={() => void commands.unhide([post.id])}>Show again</button>}
      {open && may("dismiss") && <button type="button" class="button" data-testid="dismiss" onClick={ask("dismiss", post.id)}>Dismiss…</button>}
      {open && may("claim") && holder === null && <button type="button" class="button" data-testid="claim" onClick={() => void commands.claim(post.id)}>Claim</button>}
      {holder?.id === store.myId && <button type="button" class="button" data-testid="release" onClick={() => void commands.release(post.id)}>Release</button>}
      {!urgent && flag}
      {may("delete") && <button type="button" class="button danger" data-testid="delete" onClick={ask("delete", post.id)}>Delete…</button>}
    </div>
  );
}

/** One press when the finding names the reason, and always the way to give another. */
function HideButtons({ post }: { post: PostSummary }) {
  const code = suggestedReason(post.case.reasons.map((reason) => reason.code));
  return (
    <>
      {code !== null && (
        <button type="button" class="button primary" data-testid="hide" onClick={() => void commands.hide([post.id], code)}>
          Hide as {reasonName(code).toLocaleLowerCase("en-GB")}
        </button>
      )}
      <button type="button" class="button" data-testid={code === null ? "hide" : "hide-other"} onClick={ask("hide", post.id)}>
        {code === null ? "Hide…" : "Hide, other reason…"}
      </button>
    </>
  );
}

/** The same acts as a list of buttons, for the "." key. */
export function moreActions(post: PostSummary): { name: string; run: () => void }[] {
  const may = (verb: Verb): boolean => commands.may(post.id, verb);
  const mine = post.case.claimed_by?.id === store.myId;
  const acts: [boolean, string, () => void][] = [
    [may("hide"), "Hide…", ask("hide", post.id)],
    [may("unhide"), "Show again", () => void commands.unhide([post.id])],
    [may("claim") && post.case.claimed_by === null, "Claim", () => void commands.claim(post.id)],
    [mine, "Release", () => void commands.release(post.id)],
    [may("dismiss"), "Dismiss…", ask("dismiss", post.id)],
    [may("flag"), "Flag…", ask("flag", post.id)],
    [may("delete"), "Delete…", ask("delete", post.id)],
  ];
  return acts.filter(([able]) => able).map(([, name, run]) => ({ name, run }));
}
