// Who is responsible for an account, now or at a minute that is over; the entries that decide it; notes for whoever is next.
import { useSignal } from "@preact/signals";
import { ApiError } from "../api";
import { store } from "../app";
import type { Me, Named } from "../types";
import { longDate, shortDate } from "../words/dates";
import { DUTY, dutyWords } from "../words/duty";
import { Repeating } from "./Repeating";
import { Form, Loaded, Page, Select, Table, TextField, may, useLoaded } from "./kit";
import {
  type Answer, type Draft, type Entry, KIND, REASON, type Responsible, capacityWords, chainWords, coverAgain, draftErrors, entryBody, entryWords, minuteOf,
  responsiblePath, sourceWords, timeWords, whoWords, whyWords,
} from "./rosterWords";

interface Note { id: string; at: string; by: Named; text: string }
interface Listed { entries: Entry[]; people: Named[] }

const WALL = "By the clock on the wall, like 2026-11-20 10:00.";
const options = (names: Readonly<Record<string, string>>) => Object.entries(names).map(([value, words]) => ({ value, words }));

export default function Roster() {
  const chosen = useSignal("");
  const accounts = store.accounts.value;
  return (
    <Page title="Roster" lead="Who answers for an account at a minute. Somebody always does.">
      <Mine />
      <h3>Who is responsible?</h3>
      <Select id="roster-account" label="Account" value={chosen.value} onChange={(value) => { chosen.value = value; }}
        options={[{ value: "", words: "Choose an account" }, ...accounts.map(({ id, name }) => ({ value: id, words: name }))]} />
      {chosen.value !== "" && <Asked key={chosen.value} account={chosen.value} />}
      {chosen.value !== "" && may("see") && <Notes key={`n${chosen.value}`} account={chosen.value} />}
      {may("roster") && <Entries />}
    </Page>
  );
}

/** As what the roster has oneself on duty now: it stands on the record of all that one does. */
function Mine() {
  const read = useLoaded<Me>("/me");
  const words = dutyWords(read.value?.on_duty_as);
  return words === "" ? null : <p class="inset">You are {words} now. The record of what you do says so.</p>;
}

function Asked({ account }: { account: string }) {
  const typed = useSignal("");
  const at = useSignal("");
  const read = useLoaded<Answer>(responsiblePath(account, at.value));
  const check = () => (typed.value.trim() !== "" && minuteOf(typed.value) === null ? [{ field: "roster-at", text: "Enter date and time like 2026-11-20 10:00, or nothing for now" }] : []);
  const ask = async (): Promise<string> => {
    const wanted = minuteOf(typed.value) ?? "";
    if (wanted === at.value) read.reload();
    at.value = wanted;
    return "";
  };
  return (
    <section aria-label="The answer">
      <Form action="Ask" check={check} send={ask}>
        <TextField id="roster-at" label="At another date and time" hint={`${WALL} Leave empty for now.`} value={typed.value} onChange={(value) => { typed.value = value; }} />
      </Form>
      <div aria-live="polite">
        <Loaded of={read}>
          {(found) => (
            <>
              <Said title={`On ${longDate(found.minute)}`} one={found.answer} people={found.people} />
              <p>{sourceWords(found)}</p>
              {found.recorded !== null && <Said title="As the record said at that minute" one={found.recorded} people={found.people} />}
            </>
          )}
        </Loaded>
      </div>
    </section>
  );
}

function Said({ title, one, people }: { title: string; one: Responsible; people: Named[] }) {
  return (
    <>
      <h4>{title}</h4>
      <p><strong>{whoWords(one.who, people)}</strong>, {capacityWords(one)}</p>
      <p>Why: {whyWords(one.why)}</p>
      {one.chain.length > 0 && <><p>Whom to ask next:</p><ol>{chainWords(one.chain, people).map((words) => <li key={words}>{words}</li>)}</ol></>}
    </>
  );
}

function Notes({ account }: { account: string }) {
  const path = `/accounts/${encodeURIComponent(account)}/handover`;
  const read = useLoaded<{ notes: Note[] }>(path);
  const text = useSignal("");
  const send = async (): Promise<string> => {
    await store.api.write(path, { text: text.value.trim() });
    text.value = "";
    read.reload();
    return "The note is left.";
  };
  return (
    <section aria-labelledby="roster-notes">
      <h3 id="roster-notes">Hand-over notes</h3>
      <Loaded of={read}>
        {({ notes }) => (
          <Table caption="The newest notes for whoever comes next" rows={notes} id={({ id }) => id} none="No notes were left."
            columns={[
              { name: "Left by", cell: ({ by, at }) => `${by.name}, ${shortDate(at)}` },
              { name: "Note", cell: (note) => <span class="note-text">{note.text}</span> },
            ]} />
        )}
      </Loaded>
      {may("note") && (
        <Form action="Leave the note" send={send} check={() => (text.value.trim() === "" ? [{ field: "roster-note", text: "Enter the note" }] : [])}>
          <TextField id="roster-note" label="A note for whoever comes next" rows={4} value={text.value} onChange={(value) => { text.value = value; }} />
        </Form>
      )}
    </section>
  );
}

function Entries() {
  const read = useLoaded<Listed>("/roster");
  const leaving = useSignal<Entry | null>(null);
  const said = useSignal("");
  /** Cover gives what the other led when it was put in: sent again as it is, it gives what they lead now. */
  const again = (entry: Extract<Entry, { kind: "cover" }>): void => {
    said.value = "";
    store.api.write(`/roster/entries/${encodeURIComponent(entry.id)}`, coverAgain(entry), "PUT").then(
      () => { said.value = "The cover is for all accounts that are led now."; },
      (failure: unknown) => { said.value = failure instanceof ApiError ? failure.message : "That did not work. Reload the page and try again."; },
    ).finally(read.reload);
  };
  const withdraw = async (entry: Entry): Promise<string> => {
    await store.api.write(`/roster/entries/${encodeURIComponent(entry.id)}/withdraw`, { kind: entry.kind, rev: entry.rev });
    leaving.value = null;
    read.reload();
    // Said outside of the form, which is gone by then.
    said.value = "Withdrawn.";
    return "";
  };
  return (
    <section aria-labelledby="roster-entries">
      <h3 id="roster-entries">What decides it</h3>
      <p role="status">{said.value}</p>
      <Loaded of={read}>
        {({ entries, people }) => (
          <>
            <Table caption={`${entries.length} entries that have not ended`} rows={entries} id={({ kind, id }) => `${kind}:${id}`} none="Nothing was put in."
              columns={[
                { name: "Entry", cell: (entry) => entryWords(entry, people, store.accounts.value) },
                { name: "Kind", cell: ({ kind }) => KIND[kind] ?? kind },
                { name: "From and to", cell: timeWords },
                { name: "Accounts", cell: (entry) => (entry.kind === "cover" ? <button type="button" class="as-link" onClick={() => again(entry)}>Cover what is led now<span class="unseen"> {entryWords(entry, people, store.accounts.value)}</span></button> : "") },
                { name: "Put in by mistake", cell: (entry) => (entry.kind === "office" ? "" : <button type="button" class="as-link" onClick={() => { said.value = ""; leaving.value = entry; }}>Withdraw<span class="unseen"> {entryWords(entry, people, store.accounts.value)}</span></button>) },
              ]} />
            {leaving.value !== null && <Withdrawal entry={leaving.value} people={people} send={withdraw} keep={() => { leaving.value = null; read.reload(); }} />}
            <NewEntry people={people} done={read.reload} />
          </>
        )}
      </Loaded>
    </section>
  );
}

interface WithdrawalProps { entry: Entry; people: Named[]; send: (entry: Entry) => Promise<string>; keep: () => void }

function Withdrawal({ entry, people, send, keep }: WithdrawalProps) {
  return (
    <div class="inset" role="group" aria-label="Withdraw an entry">
      <p>{entryWords(entry, people, store.accounts.value)} ({timeWords(entry)}). Once withdrawn it never held: do this only when it was put in by mistake.</p>
      <Form key={`${entry.id}${entry.rev}`} action="Withdraw it" danger send={() => send(entry)} />
      <button type="button" class="button" onClick={keep}>Keep it</button>
    </div>
  );
}

/** Whom this page can name: who leads accounts, who is in the roster, oneself. Others are given by their id. */
function known(people: readonly Named[]): Named[] {
  const leads = store.accounts.value.flatMap(({ lead, deputy }) => [lead, deputy]).filter((one): one is Named => one !== null && typeof one !== "string");
  const me = store.me.value?.person;
  const all = new Map([...leads, ...people, ...(me === undefined ? [] : [me])].map(({ id, name }) => [id, { id, name }]));
  return [...all.values()].sort((one, two) => one.name.localeCompare(two.name, "en-GB"));
}

interface WhoProps { id: string; label: string; value: string; choices: { value: string; words: string }[]; onChange: (value: string) => void }

function Who({ id, label, value, choices, onChange }: WhoProps) {
  const other = useSignal(false);
  return (
    <>
      <Select id={id} label={label} value={other.value ? "other" : value}
        options={[{ value: "", words: "Choose" }, ...choices, { value: "other", words: "Somebody else, by their id" }]}
        onChange={(chosen) => { other.value = chosen === "other"; onChange(other.value ? "" : chosen); }} />
      {other.value && <TextField id={`${id}-id`} label="The person’s id" value={value.replace(/^person:/, "")} onChange={(typed) => onChange(typed.trim() === "" ? "" : `person:${typed.trim()}`)} />}
    </>
  );
}

function NewEntry({ people, done }: { people: Named[]; done: () => void }) {
  const draft = useSignal<Draft>({ kind: "absence", who: "", by: "", scope: "", reason: "leave", from: "", to: "", duty: "shift", days: [], starts: "", ends: "", first: "", last: "", nation: "", skip: "" });
  const { kind, who, by, scope, reason, from, to, duty } = draft.value;
  const shift = kind === "shift" || kind === "repeating";
  const set = (part: Partial<Draft>): void => { draft.value = { ...draft.value, ...part }; };
  const accounts = store.accounts.value;
  const teams = [...new Set(accounts.map(({ team }) => team))].sort();
  const persons = known(people).map(({ id, name }) => ({ value: `person:${id}`, words: name }));
  const scopes = [
    ...teams.map((team) => ({ value: `team:${team}`, words: `Accounts of team ${team}` })), { value: "force", words: "The whole force" },
    ...accounts.map(({ id, name }) => ({ value: `account:${id}`, words: name })),
  ];
  const full = { ...draft.value, scope: scope || (scopes[0]?.value ?? "") };
  const send = async (): Promise<string> => {
    await store.api.write("/roster/entries", { entry: entryBody(full) });
    set({ from: "", to: "", first: "", last: "", skip: "" });
    done();
    return "Put in.";
  };
  const whom = shift ? [...persons, { value: "team:control", words: "The control room" }, ...teams.filter((team) => team !== "control").map((team) => ({ value: `team:${team}`, words: `Team ${team}` }))] : persons;
  return (
    <>
      <h4>Put in an entry</h4>
      <Form action="Put it in" check={() => draftErrors(full)} send={send}>
        <Select id="roster-kind" label="What it is" value={kind} onChange={(value) => set({ kind: value, who: who.startsWith("team:") ? "" : who })}
          options={[{ value: "absence", words: "Somebody is away" }, { value: "cover", words: "Somebody stands in for somebody" }, { value: "shift", words: "A shift" }, { value: "repeating", words: "A shift that repeats by the week" }]} />
        <Who id="roster-who" label={kind === "absence" ? "Who is away" : kind === "cover" ? "For whom" : "Who has the shift"} value={who} choices={whom} onChange={(value) => set({ who: value })} />
        {kind === "cover" && <Who id="roster-by" label="Who stands in" value={by} choices={persons} onChange={(value) => set({ by: value })} />}
        {kind === "absence" && <Select id="roster-reason" label="Why: shown to those who keep the roster, and in no record" value={reason} options={options(REASON)} onChange={(value) => set({ reason: value })} />}
        {shift && <Select id="roster-scope" label="For what" value={full.scope} options={scopes} onChange={(value) => set({ scope: value })} />}
        {shift && <Select id="roster-duty" label="As what: stands in the record of what they do, and permits nothing" value={duty} options={options(DUTY)} onChange={(value) => set({ duty: value })} />}
        {kind === "repeating" ? <Repeating draft={draft.value} set={set} /> : (
          <>
            <TextField id="roster-from" label="From" hint={WALL} value={from} onChange={(value) => set({ from: value })} />
            <TextField id="roster-to" label="To" hint={kind === "shift" ? WALL : `${WALL} Leave empty for until further notice.`} value={to} onChange={(value) => set({ to: value })} />
          </>
        )}
      </Form>
    </>
  );
}
