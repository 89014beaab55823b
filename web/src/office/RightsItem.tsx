// One post of a rights case: its words, the parts that are taken out by selecting them, and what is decided.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { store } from "../app";
import { Form, Loaded, Select, TextField, useLoaded } from "./kit";
import { type Case, exemptions, options } from "./Rights";
import { type Span, pieces, points } from "./rightsWords";

interface View { post: string; rev: number; account_name: string; author: string | null; handle: string | null; text: string; media: string[]; held: boolean; ruling: { verdict: string; spans: Span[]; exemption: string | null; author: boolean; media: boolean } | null }
interface Props { one: Case; path: string; correct: string; done: () => void }

export function RightsItem({ one, path, correct, done }: Props) {
  const found = useLoaded<View>(path);
  return <Loaded of={found}>{(post) => <Ruling key={post.rev} one={one} post={post} path={path} correct={correct} done={() => { found.reload(); done(); }} />}</Loaded>;
}

function Ruling({ one, post, path, correct, done }: Props & { post: View }) {
  const box = useRef<HTMLTextAreaElement>(null);
  const spans = useSignal<Span[]>(post.ruling?.spans ?? []);
  const ground = useSignal("third_party");
  const verdict = useSignal(post.ruling?.verdict ?? one.verdicts[0] ?? "");
  const exemption = useSignal(post.ruling?.exemption ?? Object.keys(one.exemptions)[0] ?? "");
  const author = useSignal(post.ruling?.author ?? false);
  const media = useSignal(post.ruling?.media ?? false);
  const statement = useSignal("");
  const said = useSignal("");
  const out = verdict.value === "disclose" || verdict.value === "redact";
  const mark = (): void => {
    const area = box.current;
    if (area === null || area.selectionStart === area.selectionEnd) {
      said.value = "Select the part that is to be taken out first.";
      return;
    }
    const third = ground.value === "third_party";
    const begin = points(post.text, area.selectionStart);
    const end = points(post.text, area.selectionEnd);
    spans.value = [...spans.value, { begin, end, ground: third ? "third_party" : "exemption", exemption: third ? null : ground.value }];
    verdict.value = "redact";
    said.value = `${end - begin} characters are taken out.`;
  };
  const send = async (): Promise<string> => {
    if (verdict.value === "correct") {
      await store.api.write(correct, { post: post.post, text: statement.value, rev: post.rev });
    } else {
      const ruling = {
        verdict: verdict.value, spans: verdict.value === "redact" ? spans.value : [],
        exemption: verdict.value === "withhold" ? exemption.value : null, author: out && author.value, media: out && media.value,
      };
      await store.api.write(path, { ruling, rev: post.rev }, "PUT");
    }
    done();
    return "Decided.";
  };
  const check = () => (verdict.value === "redact" && spans.value.length === 0 ? [{ field: "rights-text", text: "Select a part of the text and take it out" }] : []);
  const tick = (id: string, label: string, of: typeof author) => (
    <p class="field"><input id={id} type="checkbox" checked={of.value} onChange={(event) => { of.value = event.currentTarget.checked; }} /> <label for={id}>{label}</label></p>
  );
  return (
    <section aria-label="Decide on the post">
      <h4>{post.account_name}: {post.author ?? post.handle ?? "unknown author"}</h4>
      {post.held && <p><strong>Under a legal hold.</strong> It cannot be erased as long as that lasts.</p>}
      <div class="field">
        <label for="rights-text">The post as it was kept</label>
        <textarea id="rights-text" ref={box} rows={6} readOnly value={post.text} />
      </div>
      {one.verdicts.includes("redact") && (
        <>
          <Select id="rights-ground" label="Why a part is taken out" value={ground.value} options={[{ value: "third_party", words: "About somebody else" }, ...exemptions(one)]} onChange={(value) => { ground.value = value; }} />
          <button type="button" class="button" onClick={mark}>Take out what is selected</button>{" "}
          <button type="button" class="button" onClick={() => { spans.value = []; said.value = "Nothing is taken out."; }}>Begin anew</button>
          <p role="status">{said.value}</p>
          <p>As it would go out: <span class="note-text">{pieces(post.text, spans.value).map((piece, at) => (piece.gone ? <span key={at}>████████<span class="unseen"> taken out </span></span> : piece.text))}</span></p>
        </>
      )}
      <Form action="Decide" check={check} send={send}>
        <Select id="rights-verdict" label="Decision" value={verdict.value} options={options(one.verdicts)} onChange={(value) => { verdict.value = value; }} />
        {verdict.value === "withhold" && <Select id="rights-exemption" label="Exemption" value={exemption.value} options={exemptions(one)} onChange={(value) => { exemption.value = value; }} />}
        {verdict.value === "correct" && <TextField id="rights-statement" label="Statement of correction" rows={4} value={statement.value} onChange={(value) => { statement.value = value; }} />}
        {out && tick("rights-author", "Who wrote it goes out, too", author)}
        {out && post.media.length > 0 && tick("rights-media", `${post.media.length} attachments go out, too`, media)}
      </Form>
    </section>
  );
}
