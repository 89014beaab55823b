// What was ordered on the platform and how far it came.
import type { Action } from "../types";
import { actionState, reasonName, verbName } from "../words/terms";
import { When } from "./bits";

export function ActionsDone({ actions }: { actions: readonly Action[] }) {
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
          </li>
        ))}
      </ul>
    </section>
  );
}
