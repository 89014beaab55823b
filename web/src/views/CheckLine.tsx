// Above the queue of one account: whether it was checked today, and the press that says so.
import { store } from "../app";
import { checkAccount, checkable, wordsOf } from "../state/check";

export function CheckLine() {
  const account = checkable(store);
  if (account === null) return null;
  const known = store.checks.value[account];
  if (known?.state === "checked") return <p class="check-line quiet" data-testid="checked">{wordsOf(known)}</p>;
  return (
    <p class="check-line">
      <button type="button" class="button" data-testid="check" onClick={() => void checkAccount(store)}>I looked at this account today</button>
    </p>
  );
}
