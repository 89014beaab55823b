// What was ordered on the platform and how far it came.
import { useSignal } from "@preact/signals";
import type { Action } from "../types";
import { actionState, reasonName, verbName } from "../words/terms";
import { When } from "./bits";
import { lazy } from "./lazy";

const SentPicture = lazy(() => import("../desk/SentPicture"));

export function ActionsDone({ post, actions }: { post: string; actions: readonly Action[] }) {
  if (actions.length === 0) return null;
  return (
    <section class="block" aria-labelledby="actions-title">
      <h3 id="actions-title">Actions</h3>
      <ul class="lines" data-testid="actions">
        {actions.map((action) => (
          <li key={action.id} data-state={action.state} data-verb={action.verb}>
            <strong>{verbName(action.verb)}</strong> by {action.by.name}, <When iso={action.at} />
            {action.reason !== null && <>, {reasonName(action.reason.code).toLocaleLowerCase("en-GB")}{action.reason.ref && ` (${action.reason.ref})`}</>}
            : <span class={`outcome ${action.state}`}>{actionState(action.state)}</span>
            {action.reference && ` (${action.reference})`}
            {action.settled_by && `, says ${action.settled_by.name}`}
            {action.why ? <span class="outcome failed">: {action.why}</span> : action.error !== null && <span class="outcome failed"> ({typeof action.error === "string" ? action.error : action.error.code})</span>}
            {action.picture && <WithPicture post={post} action={action.id} alt={action.picture.alt} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** To look is recorded, so it is shown on a press. */
function WithPicture({ post, action, alt }: { post: string; action: string; alt: string }) {
  const shown = useSignal(false);
  return shown.value
    ? <SentPicture post={post} action={action} alt={alt} />
    : <p>With a picture: {alt} <button type="button" class="button" onClick={() => { shown.value = true; }}>Show the picture</button></p>;
}
