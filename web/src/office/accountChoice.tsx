// Choosing accounts by name, among as many as a force has; and what an account is called.
import { useSignal } from "@preact/signals";
import { store } from "../app";
import { platformName } from "../words/terms";
import { TextField } from "./kit";

const MOST = 40;

export const nameOf = (id: string): string => store.accounts.value.find((one) => one.id === id)?.name ?? id;

interface Props {
  id: string;
  legend: string;
  chosen: readonly string[];
  /** Among which; all that the person reaches without it. */
  among?: readonly string[];
  error?: string;
  onTurn: (account: string, on: boolean) => void;
}

/** What is chosen stands first and always; of the rest as many as can be looked through, found by their names. */
export function AccountChoice({ id, legend, chosen, among, error = "", onTurn }: Props) {
  const words = useSignal("");
  const wanted = words.value.trim().toLocaleLowerCase("en-GB");
  const all = store.accounts.value.filter((one) => among === undefined || among.includes(one.id));
  const mine = all.filter((one) => chosen.includes(one.id));
  const fitting = all.filter((one) => !chosen.includes(one.id) && `${one.name} ${platformName(one.platform)}`.toLocaleLowerCase("en-GB").includes(wanted));
  return (
    <fieldset class={`field ${error === "" ? "" : "wrong"}`} id={id} tabIndex={-1}>
      <legend>{legend} ({chosen.length} chosen)</legend>
      {error !== "" && <p class="error-message"><span class="unseen">Error: </span>{error}</p>}
      {all.length > MOST && <TextField id={`${id}-find`} type="search" label="Find an account" value={words.value} onChange={(value) => { words.value = value; }} />}
      {[...mine, ...fitting.slice(0, MOST)].map((one) => (
        <label key={one.id} class="check">
          <input type="checkbox" id={`${id}-${one.id}`} checked={chosen.includes(one.id)} onChange={(event) => onTurn(one.id, event.currentTarget.checked)} />
          {one.name} ({platformName(one.platform)})
        </label>
      ))}
      {fitting.length > MOST && <p class="quiet">{fitting.length - MOST} more: type more of the name.</p>}
    </fieldset>
  );
}

/** A list with an account put in or taken out. */
export const turned = (chosen: readonly string[], account: string, on: boolean): string[] =>
  on ? [...chosen, account] : chosen.filter((one) => one !== account);
