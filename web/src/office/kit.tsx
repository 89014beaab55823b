// What the screens of the office share: reading a resource, a table, a form that says what is wrong. Loaded with the
// first of these screens, so that the desk does not wait for it.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useContext, useEffect, useRef } from "preact/hooks";
import { ApiError } from "../api";
import { store } from "../app";
import { ErrorSummary, type FieldError } from "../views/form";
import { Readings, Shared } from "./readings";

export interface Reading<T> { value: T | null; error: string; busy: boolean; reload: () => void }

const wordsOf = (error: unknown): string => (error instanceof ApiError ? error.message : "Something went wrong on this page. Reload it.");

/** Read a path of the API when the screen opens and whenever the path changes; null reads nothing. */
export function useLoaded<T>(path: string | null): Reading<T> {
  const value = useSignal<T | null>(null);
  const error = useSignal("");
  const busy = useSignal(path !== null);
  const turn = useSignal(0);
  const shared = useContext(Shared);
  const readFrom = useRef<string | null>(null);
  useEffect(() => {
    if (path === null) {
      busy.value = false;
      return undefined;
    }
    let current = true;
    busy.value = true;
    store.api.read<T>(path).then(
      (found) => {
        if (!current) return;
        readFrom.current = path;
        value.value = found;
        error.value = "";
        busy.value = false;
      },
      (failure: unknown) => {
        if (!current) return;
        error.value = wordsOf(failure);
        busy.value = false;
      },
    );
    return () => {
      current = false;
    };
  }, [path, turn.value]);
  useEffect(() => {
    // What was read from another path stays to be seen until this one is read.
    if (shared === null || path === null || value.value === null || readFrom.current !== path) return undefined;
    return shared.note({ path, value: value.value, at: Date.now(), again: () => { if (!busy.peek()) turn.value += 1; } });
  }, [shared, path, value.value]);
  return { value: value.value, error: error.value, busy: busy.value, reload: () => { turn.value += 1; } };
}

/** Within it, what one part has read by `useLoaded` another part can show without asking for it: see `Readings`. */
export function Sharing({ children }: { children: ComponentChildren }) {
  const kept = useRef<Readings | null>(null);
  kept.current ??= new Readings();
  return <Shared.Provider value={kept.current}>{children}</Shared.Provider>;
}

interface LoadedProps<T> { of: Reading<T>; children: (value: T) => ComponentChildren }

/** What was read; before that, that it is being read; or why it could not be. What was read stays while it is read anew. */
export function Loaded<T>({ of, children }: LoadedProps<T>) {
  if (of.error !== "") {
    return (
      <div class="inset" role="alert">
        <p>{of.error}</p>
        <button type="button" class="button" onClick={of.reload}>Try again</button>
      </div>
    );
  }
  if (of.value === null) return of.busy ? <p role="status" class="quiet">Reading…</p> : null;
  return <div aria-busy={of.busy}>{children(of.value)}</div>;
}

export function Page({ title, lead, children }: { title: string; lead?: string; children: ComponentChildren }) {
  return (
    <div class="office">
      <h2 class="office-title">{title}</h2>
      {lead !== undefined && <p class="office-lead">{lead}</p>}
      {children}
    </div>
  );
}

export interface Column<Row> { name: string; cell: (row: Row) => ComponentChildren; number?: boolean }
interface TableProps<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  id: (row: Row) => string;
  /** What is said instead of an empty table. */
  none: string;
}

/** A table that scrolls by itself on a narrow screen; its first column names the row. */
export function Table<Row>({ caption, columns, rows, id, none }: TableProps<Row>) {
  if (rows.length === 0) return <p class="quiet">{none}</p>;
  const side = (column: Column<Row>): string | undefined => (column.number ? "number" : undefined);
  return (
    <div class="table-box" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption>{caption}</caption>
        <thead><tr>{columns.map((column) => <th key={column.name} scope="col" class={side(column)}>{column.name}</th>)}</tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={id(row)}>
              {columns.map((column, at) => (at === 0
                ? <th key={column.name} scope="row">{column.cell(row)}</th>
                : <td key={column.name} class={side(column)}>{column.cell(row)}</td>))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface TextFieldProps {
  id: string;
  label: string;
  value: string;
  hint?: string;
  error?: string;
  type?: "text" | "search" | "date" | "time" | "datetime-local" | "tel" | "month";
  rows?: number;
  onChange: (value: string) => void;
}

export function TextField({ id, label, value, hint, error = "", type = "text", rows, onChange }: TextFieldProps) {
  const about = [hint === undefined ? "" : `${id}-hint`, error === "" ? "" : `${id}-error`].filter(Boolean).join(" ") || undefined;
  const shared = { id, value, "aria-describedby": about, "aria-invalid": error === "" ? undefined : true };
  return (
    <div class={`field ${error === "" ? "" : "wrong"}`}>
      <label for={id}>{label}</label>
      {hint !== undefined && <p class="quiet" id={`${id}-hint`}>{hint}</p>}
      {error !== "" && <p class="error-message" id={`${id}-error`}><span class="unseen">Error: </span>{error}</p>}
      {rows === undefined
        ? <input type={type as "text"} {...shared} onInput={(event) => onChange(event.currentTarget.value)} />
        : <textarea rows={rows} {...shared} onInput={(event) => onChange(event.currentTarget.value)} />}
    </div>
  );
}

interface SelectProps { id: string; label: string; value: string; options: readonly { value: string; words: string }[]; onChange: (value: string) => void }

export function Select({ id, label, value, options, onChange }: SelectProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((option) => <option key={option.value} value={option.value}>{option.words}</option>)}
      </select>
    </div>
  );
}

interface FormProps {
  /** Names the submit button. */
  action: string;
  /** What is wrong with what was typed; nothing is sent while there is anything. */
  check?: () => FieldError[];
  /** Sends it; the words that it returns are said, and a refusal of the server is shown. */
  send: () => Promise<string>;
  children?: ComponentChildren;
  danger?: boolean;
}

/** A form that checks when it is sent, gives the focus to what is wrong, and cannot be sent twice at once. */
export function Form({ action, check, send, children, danger = false }: FormProps) {
  const errors = useSignal<FieldError[]>([]);
  const refusal = useSignal("");
  const done = useSignal("");
  const busy = useSignal(false);
  const box = useRef<HTMLFormElement>(null);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (busy.value) return;
    done.value = "";
    refusal.value = "";
    errors.value = check?.() ?? [];
    if (errors.value.length > 0) return;
    busy.value = true;
    send().then(
      (words) => { done.value = words; },
      (failure: unknown) => { refusal.value = wordsOf(failure); },
    ).finally(() => { busy.value = false; });
  };
  return (
    <form ref={box} class="office-form" noValidate onSubmit={submit}>
      <ErrorSummary errors={errors.value} />
      {refusal.value !== "" && <p class="error-message" role="alert">{refusal.value}</p>}
      {children}
      <button type="submit" class={`button ${danger ? "danger" : "primary"}`} aria-disabled={busy.value || undefined}>{action}</button>
      <p role="status" class="form-done">{done.value}</p>
    </form>
  );
}

/** What was done last on a screen whose rows go when they are done, said above them; `done` says it and reads anew. */
export function useSaid(reload: () => void): { said: string; done: (words: string) => string } {
  const said = useSignal("");
  const done = (words: string): string => {
    said.value = words;
    reload();
    return words;
  };
  return { said: said.value, done };
}

/** Write, and where that is refused have what is there now read, to be shown beside the refusal. */
export async function orReload(sent: Promise<unknown>, reload: () => void): Promise<void> {
  try {
    await sent;
  } catch (failure) {
    reload();
    throw failure;
  }
}

/** Whether the person who is signed in has a verb. */
export const may = (verb: string): boolean => store.me.value?.permissions.includes(verb) ?? false;
