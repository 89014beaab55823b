// The form of a draft. What is typed outlives a refusal, a change by somebody else and the way to another screen.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError } from "../api";
import { store } from "../app";
import type { FieldError } from "../views/form";
import { comesTwice } from "../words/dates";
import { AccountChoice, nameOf, turned } from "./accountChoice";
import { Attachments } from "./Attachments";
import { Form, Select, Sharing, Table, TextField } from "./kit";
import { PartList } from "./PartList";
import { PlatformPreviews } from "./PlatformPreviews";
import { parts } from "./publishDiff";
import { type Fields, type Publication, type Schedule, wrongWith } from "./publishWords";

interface Checked { accounts: { account: string; length: number; most: number; problem: string | null }[]; problem: string | null }
interface Props { fields: Fields; publication: Publication | null; done: (id: string) => void }

const CHECK_MS = 600;
const NONE: Schedule = { at: null, fold: null, again: null };
// What was typed and not saved, with the revision that it was typed on, until the page is closed.
const unsaved = new Map<string, { fields: Fields; rev: number }>();

export function Write({ fields: first, publication, done }: Props) {
  const key = publication?.id ?? "new";
  const kept = unsaved.get(key);
  const fields = useSignal<Fields>(kept?.fields ?? first);
  const rev = useSignal(kept?.rev ?? publication?.rev ?? 0);
  const theirs = useSignal<Publication | null>(null);
  const checked = useChecked(fields.value);
  const sending = useSignal(false);
  const check = (): FieldError[] => [...wrongWith(fields.value, nameOf), ...(sending.value ? [{ field: "pub-assets", text: "Wait until the files are sent, or give them up" }] : [])];
  const set = (part: Partial<Fields>): void => {
    fields.value = { ...fields.value, ...part };
    unsaved.set(key, { fields: fields.value, rev: rev.value });
  };
  const save = async (): Promise<string> => {
    const saved = await written(publication?.id ?? null, fields.value, rev.value).catch(async (failure: unknown) => {
      if (publication !== null && failure instanceof ApiError && failure.status === 409) theirs.value = await store.api.read<Publication>(`/publications/${publication.id}`);
      throw failure;
    });
    unsaved.delete(key);
    theirs.value = null;
    rev.value = saved.rev;
    done(saved.id);
    return "Saved.";
  };
  const { text, link, accounts, variants } = fields.value;
  const vary = (id: string, words: string): void => {
    const { [id]: _, ...rest } = variants;
    set({ variants: words === "" ? rest : { ...rest, [id]: words } });
  };
  const turn = (id: string, on: boolean): void => {
    const { [id]: _, ...rest } = variants;
    set({ accounts: turned(accounts, id, on), variants: on ? variants : rest });
  };
  const take = (found: Publication, mine: boolean): void => {
    rev.value = found.rev;
    theirs.value = null;
    set(mine ? {} : found.fields);
  };
  return (
    <>
      {theirs.value !== null && <Theirs mine={fields.value} theirs={theirs.value} take={take} />}
      <Form action="Save the draft" check={check} send={save}>
        <TextField id="pub-text" label="Words" rows={6} value={text} onChange={(value) => set({ text: value })} />
        <TextField id="pub-link" label="Link" hint="What a card of it will show can be looked up below. Leave it empty for none." value={link ?? ""} onChange={(value) => set({ link: value.trim() === "" ? null : value.trim() })} />
        <Sharing>
          <Attachments assets={fields.value.assets} publication={publication?.id ?? null} set={(change) => set({ assets: change(fields.value.assets) })} busy={(now) => { sending.value = now; }} />
          <AccountChoice id="pub-on" legend="Accounts" chosen={accounts} onTurn={turn} />
          {checked !== null && <Counts of={checked} />}
          <PlatformPreviews fields={fields.value} />
        </Sharing>
        {accounts.length > 1 && (
          <details>
            <summary>Other words for single accounts</summary>
            {accounts.map((id) => (
              <TextField key={id} id={`pub-for-${id}`} label={nameOf(id)} rows={3} value={variants[id] ?? ""} hint="Leave it empty for the words above." onChange={(words) => vary(id, words)} />
            ))}
          </details>
        )}
        <When schedule={fields.value.schedule} set={(schedule) => set({ schedule })} />
      </Form>
    </>
  );
}

const written = (id: string | null, fields: Fields, rev: number): Promise<Publication> =>
  id === null ? store.api.write<Publication>("/publications", { fields }) : store.api.write<Publication>(`/publications/${id}`, { fields, rev }, "PUT");

/** What the platforms would say of it, a moment after the last key; an answer that was overtaken is dropped. */
function useChecked(fields: Fields): Checked | null {
  const checked = useSignal<Checked | null>(null);
  useEffect(() => {
    if (fields.accounts.length === 0) {
      checked.value = null;
      return undefined;
    }
    let current = true;
    const timer = setTimeout(() => {
      store.api.write<Checked>("/publication-check", { fields }).then(
        (found) => { if (current) checked.value = found; },
        () => { if (current) checked.value = null; }, // what is wrong is said when it is sent
      );
    }, CHECK_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [fields]);
  return checked.value;
}

function Counts({ of: { accounts, problem } }: { of: Checked }) {
  return (
    <>
      <Table
        caption="On each account" rows={accounts} id={({ account }) => account} none=""
        columns={[
          { name: "Account", cell: ({ account }) => nameOf(account) },
          { name: "Length", cell: ({ length, most }) => `${length} of ${most}` },
          { name: "What is wrong", cell: (one) => one.problem ?? "Nothing" },
        ]}
      />
      {problem !== null && <p class="error-message" role="alert">{problem}</p>}
    </>
  );
}

interface TheirsProps { mine: Fields; theirs: Publication; take: (found: Publication, mine: boolean) => void }

/** Somebody else saved meanwhile: what they have put there, beside what was typed here, and both ways on. */
function Theirs({ mine, theirs, take }: TheirsProps) {
  return (
    <section class="inset" aria-labelledby="pub-theirs">
      <h4 id="pub-theirs">{theirs.changed_by.name} has saved something else</h4>
      <p>What you typed is still below. From what is saved to what you typed, this is different:</p>
      <PartList parts={parts(theirs.fields, mine, nameOf).filter(({ changed }) => changed)} />
      <button type="button" class="button" onClick={() => take(theirs, true)}>Keep what I typed, to save it over theirs</button>
      <button type="button" class="button" onClick={() => take(theirs, false)}>Take theirs, and drop what I typed</button>
    </section>
  );
}

function When({ schedule, set }: { schedule: Schedule; set: (schedule: Schedule) => void }) {
  const { at, fold, again } = schedule;
  const move = (value: string): void => {
    const next = value === "" ? null : value.slice(0, 16);
    set(next === null ? NONE : { ...schedule, at: next, fold: comesTwice(next) ? fold : null });
  };
  return (
    <>
      <TextField id="pub-at" type="datetime-local" label="Goes out at" hint="By the clock in London. Leave it empty to send it at once." value={at ?? ""} onChange={move} />
      {at !== null && comesTwice(at) && (
        <Select id="pub-fold" label="The clock shows this time twice in that night" value={fold ?? ""} options={[{ value: "", words: "Choose one" }, { value: "first", words: "The first time" }, { value: "second", words: "The second time" }]}
          onChange={(value) => set({ ...schedule, fold: value === "" ? null : value as "first" | "second" })} />
      )}
      {at !== null && (
        <Select id="pub-again" label="Again" value={again?.every ?? ""} options={[{ value: "", words: "Once only" }, { value: "day", words: "Each day" }, { value: "week", words: "Each week" }]}
          onChange={(value) => set({ ...schedule, again: value === "" ? null : { every: value as "day" | "week", times: again?.times ?? 2 } })} />
      )}
      {again !== null && (
        <TextField id="pub-times" label="How many times in all" hint="2 to 60" value={Number.isNaN(again.times) ? "" : String(again.times)} onChange={(value) => set({ ...schedule, again: { ...again, times: Number.parseInt(value, 10) } })} />
      )}
    </>
  );
}
