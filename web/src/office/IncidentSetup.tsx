// Who commands an incident, and what it is about: chosen when it is opened, and changed while it goes on.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { store } from "../app";
import { momentAt, wallOf } from "../words/dates";
import { roleName } from "../words/terms";
import { AccountChoice, turned } from "./accountChoice";
import { Form, TextField, orReload } from "./kit";
import { type Draft, type Incident, type Roles, draftOf, listed, path, scopeErrors } from "./incidentWords";

interface Somebody { id: string; name: string; role: string }
interface Found { people: Somebody[]; more: boolean }

const FIND_MS = 400;
const RANKS: readonly (readonly [keyof Roles, string, number])[] = [
  ["gold", "Gold: the strategy", 5], ["silver", "Silver: the tactics", 10], ["bronze", "Bronze: what is done", 50],
];

/** What an incident is about: accounts, words, an area and a time. */
export function ScopeFields({ draft, set }: { draft: Draft; set: (part: Partial<Draft>) => void }) {
  return (
    <>
      <AccountChoice id="incident-accounts" legend="Accounts" chosen={draft.accounts} onTurn={(id, on) => set({ accounts: turned(draft.accounts, id, on) })} />
      <TextField id="incident-words" label="Words that it is about" hint="One a line; a post has one of them. Empty: every post of these accounts." rows={3} value={draft.words} onChange={(words) => set({ words })} />
      <TextField id="incident-area" label="Area" value={draft.area} onChange={(area) => set({ area })} />
      <TextField id="incident-begin" type="datetime-local" label="Posts from" hint="By the clock in London." value={draft.begin} onChange={(begin) => set({ begin })} />
      <TextField id="incident-end" type="datetime-local" label="Posts until" hint="Leave it empty while it goes on." value={draft.end} onChange={(end) => set({ end })} />
    </>
  );
}

export const scopeOf = (draft: Draft) => ({
  accounts: draft.accounts, words: listed(draft.words), area: draft.area.trim(), begin: momentAt(draft.begin), end: draft.end === "" ? null : momentAt(draft.end),
});

/** Who is gold, silver and bronze: found by name among those who can sign in. */
export function RoleFields({ roles, names, set }: { roles: Roles; names: Readonly<Record<string, string>>; set: (roles: Roles, known: Record<string, string>) => void }) {
  const words = useSignal("");
  const found = useSignal<Found | null>(null);
  useEffect(() => {
    if (words.value.trim() === "") {
      found.value = null;
      return undefined;
    }
    let current = true;
    const timer = setTimeout(() => {
      store.api.read<Found>(`/incident-people?words=${encodeURIComponent(words.value.trim())}`).then(
        (answer) => { if (current) found.value = answer; },
        () => { if (current) found.value = { people: [], more: false }; },
      );
    }, FIND_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [words.value]);
  const place = ({ id, name }: Somebody, rank: keyof Roles): void => set({ ...roles, [rank]: turned(roles[rank].filter((one) => one !== id), id, true) }, { [id]: name });
  return (
    <>
      {RANKS.map(([rank, legend, most]) => (
        <fieldset key={rank} class="field" id={`incident-${rank}`} tabIndex={-1}>
          <legend>{legend} ({roles[rank].length} of {most} at most)</legend>
          {roles[rank].map((id) => (
            <label key={id} class="check"><input type="checkbox" checked onChange={() => set({ ...roles, [rank]: turned(roles[rank], id, false) }, {})} />{names[id] ?? id}</label>
          ))}
        </fieldset>
      ))}
      <TextField id="incident-find" type="search" label="Find somebody" hint="Part of the name" value={words.value} onChange={(value) => { words.value = value; }} />
      <div role="status">
        {found.value?.people.length === 0 && <p class="quiet">Nobody of that name can sign in.</p>}
        {found.value?.people.map((one) => (
          <p key={one.id}>
            {one.name}, {roleName(one.role)}: {RANKS.map(([rank]) => <button key={rank} type="button" class="button" disabled={roles[rank].includes(one.id)} onClick={() => place(one, rank)}>{rank}<span class="unseen"> for {one.name}</span></button>)}
          </p>
        ))}
        {found.value?.more && <p class="quiet">There are more: type more of the name.</p>}
      </div>
    </>
  );
}

interface SetupProps { one: Incident; people: Readonly<Record<string, string>>; reload: () => void }

/** The form of the scope of one that is open. What was typed stays when somebody else was quicker. */
export function ScopeForm({ one, reload }: SetupProps) {
  const draft = useSignal<Draft>(draftOf(one, wallOf));
  const send = async (): Promise<string> => {
    await orReload(store.api.write(`${path(one.id)}/scope`, { scope: scopeOf(draft.value), rev: one.rev }, "PUT"), reload);
    reload();
    return "Changed. It is on the record.";
  };
  return (
    <details>
      <summary>Change what it is about</summary>
      <Form action="Change the scope" check={() => scopeErrors(draft.value)} send={send}>
        <ScopeFields draft={draft.value} set={(part) => { draft.value = { ...draft.value, ...part }; }} />
      </Form>
    </details>
  );
}

export function RolesForm({ one, people, reload }: SetupProps) {
  const roles = useSignal<Roles>(one.roles);
  const names = useSignal<Record<string, string>>({ ...people });
  const send = async (): Promise<string> => {
    await orReload(store.api.write(`${path(one.id)}/roles`, { roles: roles.value, rev: one.rev }, "PUT"), reload);
    reload();
    return "Changed. It is on the record.";
  };
  return (
    <details>
      <summary>Change who commands</summary>
      <Form action="Change the roles" send={send}>
        <RoleFields roles={roles.value} names={names.value} set={(next, known) => { names.value = { ...names.value, ...known }; roles.value = next; }} />
      </Form>
    </details>
  );
}
