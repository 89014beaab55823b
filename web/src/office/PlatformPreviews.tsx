// How a publication will read on each account that it goes out on, for who writes it and who approves it.
import { store } from "../app";
import { platformName } from "../words/terms";
import { nameOf } from "./accountChoice";
import { type Piece, seenOn } from "./publishPreview";
import type { Fields } from "./publishWords";

export function PlatformPreviews({ fields }: { fields: Fields }) {
  if (fields.accounts.length === 0) return null;
  return (
    <details>
      <summary>How it will read on each account</summary>
      {fields.accounts.map((id) => <Card key={id} id={id} fields={fields} />)}
    </details>
  );
}

function Card({ id, fields }: { id: string; fields: Fields }) {
  const platform = store.accounts.value.find((one) => one.id === id)?.platform ?? "";
  const { shown, folded, own, notes } = seenOn(platform, fields, id);
  return (
    <section class="inset as-sent" aria-label={`As it will be on ${nameOf(id)}`}>
      <p><strong>{nameOf(id)}</strong>{platform === "" ? "" : `, ${platformName(platform)}`}{own ? ", in words of its own" : ""}</p>
      <p class="as-sent-words"><Words of={shown} /></p>
      {folded.length > 0 && <p class="quiet">About here Facebook puts “See more” (an estimate). Then follows:</p>}
      {folded.length > 0 && <p class="as-sent-words"><Words of={folded} /></p>}
      {notes.map((note) => <p key={note} class="quiet">{note}</p>)}
    </section>
  );
}

/** Addresses are marked and lead nowhere: nobody leaves the page while writing. */
function Words({ of }: { of: readonly Piece[] }) {
  return <>{of.map(({ text, link }, at) => (link ? <u key={at}>{text}</u> : text))}</>;
}
