// Notes of the desk on a post: seen inside the force only.
import { useSignal } from "@preact/signals";
import { commands, store } from "../app";
import { mentioned } from "../state/here";
import type { Named, Note, PostSummary } from "../types";
import { ErrorSummary } from "./form";
import { When } from "./bits";

export function Notes({ post, notes }: { post: PostSummary; notes: readonly Note[] }) {
  const text = useSignal("");
  const error = useSignal("");
  const people = useSignal<readonly Named[] | null>(null);
  /** Read once, with the first "@": the list of colleagues is a recorded reading. */
  const type = (words: string): void => {
    text.value = words;
    if (people.value !== null || !words.includes("@")) return;
    people.value = [];
    store.api.read<{ people: Named[] }>(`/posts/${encodeURIComponent(post.id)}/colleagues`).then(
      (found) => { people.value = found.people; },
      (failure: unknown) => { people.value = null; store.fail(failure); },
    );
  };
  const asked = /@([^@\n]{0,40})$/.exec(text.value)?.[1]?.toLocaleLowerCase("en-GB");
  const fitting = asked === undefined ? [] : (people.value ?? []).filter(({ name }) => name.toLocaleLowerCase("en-GB").startsWith(asked) && name.length > asked.length);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const words = text.value.trim();
    error.value = words === "" ? "Write the note first" : "";
    if (words !== "" && (await commands.note(post.id, words, mentioned(words, people.value ?? [])))) text.value = "";
  };
  return (
    <section class="block" aria-labelledby="notes-title">
      <h3 id="notes-title">Notes</h3>
      <ul class="lines" data-testid="notes">
        {notes.map((note) => (
          <li key={note.id}><p class="note-text">{note.text}</p><p class="quiet">{note.by.name}, <When iso={note.at} long /></p></li>
        ))}
      </ul>
      {commands.may(post.id, "note") && (
        <form onSubmit={(event) => void save(event)} noValidate>
          <ErrorSummary errors={error.value === "" ? [] : [{ field: "note-text", text: error.value }]} />
          <label class="field" for="note-text"><span>Add a note</span></label>
          <p class="hint" id="note-hint">Seen by colleagues, never by the public. Write @ to have somebody told. Do not put in more personal data than is needed.</p>
          <textarea
            id="note-text" rows={2} maxLength={4000} aria-describedby="note-hint" aria-invalid={error.value !== ""} value={text.value}
            onInput={(event) => type(event.currentTarget.value)}
          />
          {fitting.length > 0 && (
            <ul class="more-list" aria-label="Mention">
              {fitting.slice(0, 5).map(({ id, name }) => (
                <li key={id}><button type="button" class="button" onClick={() => { text.value = text.value.replace(/@[^@\n]*$/, `@${name} `); }}>{name}</button></li>
              ))}
            </ul>
          )}
          <button type="submit" class="button">Save note</button>
        </form>
      )}
    </section>
  );
}
