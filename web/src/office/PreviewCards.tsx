// A publication as each account that it goes out on will show it: its words, what goes with them, and the card of a link.
import { signal } from "@preact/signals";
import { store } from "../app";
import { platformName } from "../words/terms";
import { nameOf } from "./accountChoice";
import { PreviewMedia } from "./PreviewMedia";
import { type LinkPreview, type Piece, cardLines, seenOn } from "./publishPreview";
import type { Fields } from "./publishWords";

export default function PreviewCards({ fields }: { fields: Fields }) {
  return <>{fields.accounts.map((id, at) => <Card key={id} id={id} fields={fields} first={at === 0} />)}</>;
}

function Card({ id, fields, first }: { id: string; fields: Fields; first: boolean }) {
  const platform = store.accounts.value.find((one) => one.id === id)?.platform ?? "";
  const { shown, folded, own, notes, card } = seenOn(platform, fields, id);
  return (
    <section class="inset as-sent" aria-label={`As it will be on ${nameOf(id)}`}>
      <p><strong>{nameOf(id)}</strong>{platform === "" ? "" : `, ${platformName(platform)}`}{own ? ", in words of its own" : ""}</p>
      <p class="as-sent-words"><Words of={shown} /></p>
      {folded.length > 0 && <p class="quiet">About here Facebook puts “See more” (an estimate). Then follows:</p>}
      {folded.length > 0 && <p class="as-sent-words"><Words of={folded} /></p>}
      <PreviewMedia platform={platform} assets={fields.assets} told={first} />
      {notes.map((note) => <p key={note} class="quiet">{note}</p>)}
      {card !== null && <LinkCard key={card} address={card} platform={platform} />}
    </section>
  );
}

const ASKING = "asking";
// What was looked up, until the page is closed: each look asks a stranger's site, and is recorded.
const looked = signal<ReadonlyMap<string, LinkPreview | typeof ASKING>>(new Map());

/** Asked for by a press of a key alone: nobody's site is told of what is only being typed. */
function LinkCard({ address, platform }: { address: string; platform: string }) {
  const found = looked.value.get(address);
  const note = (what: LinkPreview | typeof ASKING): void => { looked.value = new Map(looked.value).set(address, what); };
  const ask = (): void => {
    note(ASKING);
    store.api.write<LinkPreview>("/link-preview", { url: address }).then(note, (error: unknown) => {
      note({ card: null, why: "failed", detail: error instanceof Error ? error.message : String(error) });
    });
  };
  if (found === undefined) return <button type="button" class="button" onClick={ask}>Look up how the link will show</button>;
  if (found === ASKING) return <p role="status">The site is being asked…</p>;
  const lines = cardLines(platform, found);
  return (
    <div class="inset" role="status" data-testid="link-card">
      {lines.map((line, at) => <p key={at}>{found.card !== null && at === 1 ? <strong>{line}</strong> : line}</p>)}
      {found.card === null && <button type="button" class="button" onClick={ask}>Look it up again</button>}
    </div>
  );
}

/** Addresses are marked and lead nowhere: nobody leaves the page while writing. */
function Words({ of }: { of: readonly Piece[] }) {
  return <>{of.map(({ text, link }, at) => (link ? <u key={at}>{text}</u> : text))}</>;
}
