// Notes of the desk on a post: seen inside the force only.
import { useSignal } from "@preact/signals";
import { commands } from "../app";
import type { Note, PostSummary } from "../types";
import { ErrorSummary } from "./form";
import { When } from "./bits";

export function Notes({ post, notes }: { post: PostSummary; notes: readonly Note[] }) {
  const text = useSignal("");
  const error = useSignal("");
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const words = text.value.trim();
    error.value = words === "" ? "Write the note first" : "";
    if (words !== "" && (await commands.note(post.id, words))) text.value = "";
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
          <p class="hint" id="note-hint">Seen by colleagues, never by the public. Do not put in more personal data than is needed.</p>
          <textarea
            id="note-text" rows={2} maxLength={4000} aria-describedby="note-hint" aria-invalid={error.value !== ""} value={text.value}
            onInput={(event) => { text.value = event.currentTarget.value; }}
          />
          <button type="submit" class="button">Save note</button>
        </form>
      )}
    </section>
  );
}
