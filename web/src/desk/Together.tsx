// What colleagues do with the open post together: who is here, whose it is, tags, references, the conversation with the author,
// and saved replies to begin an answer from.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { commands, store } from "../app";
import { Form, Loaded, Select, TextField, useLoaded } from "../office/kit";
import { type Here, chosen, drafts, here, otherWriter, restored, whoIsHere, writing } from "../state/here";
import type { PostSummary } from "../types";
import { type Signpost, names, offered, signpostOf } from "../words/signpost";
import { REFERENCE } from "../words/terms";
import { Conversation } from "./Conversation";

const BEAT_MS = 20_000;

async function beat(post: string, more: { writing?: boolean; take_over?: boolean } = {}): Promise<void> {
  try {
    const draft = drafts.news(post);
    const body = { writing: writing.peek() === post, ...(draft === undefined ? {} : { draft }), ...more };
    const found = await store.api.write<Here>(`/posts/${encodeURIComponent(post)}/presence`, body);
    here.value = { ...found, post };
    const text = drafts.answered(post, found.draft);
    if (text !== "") restored.value = { post, text };
  } catch {
    // The line is down or the post is gone: the page says so elsewhere, and nobody is shown as here.
    here.value = null;
  }
}

export default function Together() {
  const id = store.detail.value?.id ?? null;
  const post = id === null ? undefined : store.post(id);
  const pen = writing.value === id;
  useEffect(() => {
    if (id === null) return undefined;
    void beat(id);
    const timer = setInterval(() => { if (!document.hidden) void beat(id); }, BEAT_MS);
    return () => clearInterval(timer);
  }, [id, pen]);
  if (post === undefined) return null;
  const number = signpostOf(post.case);
  return (
    <div class="together">
      <People post={post} />
      <Details title="Assign, tag, refer"><Assign post={post} /><Tags post={post} /><Reference post={post} /></Details>
      {(commands.may(post.id, "reply") || commands.may(post.id, "reply_saved")) && <Details title={number === null ? "Saved replies" : `Saved replies: point the writer to ${number}`}><Saved post={post} number={number} /></Details>}
      <Details title="All that was said with this author"><Conversation key={post.id} post={post} /></Details>
    </div>
  );
}

/** Nothing in it is read before it is opened: each reading is recorded. */
function Details({ title, children }: { title: string; children: ComponentChildren }) {
  const open = useSignal(false);
  return (
    <details onToggle={(event) => { open.value = event.currentTarget.open; }}>
      <summary>{title}</summary>
      {open.value && children}
    </details>
  );
}

function People({ post }: { post: PostSummary }) {
  const other = otherWriter(here.value, post.id);
  const { assigned_to: to, tags = [], refs = [] } = post.case;
  return (
    <>
      <p role="status" class="quiet" data-testid="here">{whoIsHere(here.value, post.id)}{other !== null && ` ${other.name} is writing a reply.`}</p>
      {other !== null && commands.may(post.id, "reply_saved") && (
        <button type="button" class="button" data-testid="take-over" onClick={() => void beat(post.id, { writing: true, take_over: true })}>Take over the reply from {other.name}</button>
      )}
      {to && <p data-testid="assigned">Assigned to {to.id === store.myId ? "you" : to.name}.</p>}
      {tags.length > 0 && <p>Tags: {tags.join(", ")}</p>}
      {refs.length > 0 && <p>References: {refs.join(", ")}</p>}
    </>
  );
}

interface Colleague { id: string; name: string; role: string; takes: boolean }

function Assign({ post }: { post: PostSummary }) {
  const found = useLoaded<{ people: Colleague[] }>(`/posts/${encodeURIComponent(post.id)}/colleagues`);
  const to = useSignal("");
  if (!commands.may(post.id, "assign")) return null;
  return (
    <Loaded of={found}>
      {({ people }) => (
        <>
          <Form action="Assign" check={() => (to.value === "" ? [{ field: "assign-to", text: "Choose a person" }] : [])}
            send={async () => ((await commands.together(post.id, "assign", { person: to.value })) ? "Assigned. They are told." : "")}>
            <Select id="assign-to" label="Whose is it?" value={to.value} onChange={(value) => { to.value = value; }}
              options={[{ value: "", words: "Choose a person" }, ...people.filter(({ takes }) => takes).map(({ id, name }) => ({ value: id, words: name }))]} />
          </Form>
          {post.case.assigned_to && <button type="button" class="button" onClick={() => void commands.together(post.id, "unassign", {})}>Take it back from {post.case.assigned_to.name}</button>}
        </>
      )}
    </Loaded>
  );
}

function Tags({ post }: { post: PostSummary }) {
  const list = useLoaded<{ tags: { code: string; name: string; retired: boolean }[] }>("/tags");
  const tag = useSignal("");
  if (!commands.may(post.id, "tag")) return null;
  const has = post.case.tags ?? [];
  return (
    <Loaded of={list}>
      {({ tags }) => (
        <>
          {has.map((code) => <button key={code} type="button" class="button" onClick={() => void commands.together(post.id, "untag", { tag: code })}>Take off “{tags.find((one) => one.code === code)?.name ?? code}”</button>)}
          <Form action="Tag" check={() => (tag.value === "" ? [{ field: "tag-code", text: "Choose a tag" }] : [])}
            send={async () => ((await commands.together(post.id, "tag", { tag: tag.value })) ? "Tagged." : "")}>
            <Select id="tag-code" label="Tag" value={tag.value} onChange={(value) => { tag.value = value; }}
              options={[{ value: "", words: "Choose a tag" }, ...tags.filter(({ code, retired }) => !retired && !has.includes(code)).map(({ code, name }) => ({ value: code, words: name }))]} />
          </Form>
        </>
      )}
    </Loaded>
  );
}

function Reference({ post }: { post: PostSummary }) {
  const ref = useSignal("");
  if (!commands.may(post.id, "refer")) return null;
  const wrong = (): boolean => !REFERENCE.test(ref.value.trim());
  return (
    <Form action="Add the reference" check={() => (wrong() ? [{ field: "case-ref", text: "Enter the reference as a number, without spaces" }] : [])}
      send={async () => ((await commands.together(post.id, "reference", { ref: ref.value.trim() })) ? "Added." : "")}>
      <TextField id="case-ref" label="Incident or crime number" hint="For example 42/12345/26. No names." value={ref.value} onChange={(value) => { ref.value = value; }} />
    </Form>
  );
}

interface SavedReply { id: string; version: number; title: string; text: string }

function Saved({ post, number }: { post: PostSummary; number: Signpost | null }) {
  const words = useSignal("");
  const error = useSignal("");
  const list = useLoaded<{ replies: SavedReply[] }>(`/replies?account=${encodeURIComponent(post.account)}`);
  const choose = ({ id }: SavedReply) => async (): Promise<void> => {
    try {
      const filled = await store.api.write<{ id: string; version: number; text: string }>(`/replies/${id}/preview`, { post: post.id });
      error.value = "";
      chosen.value = { post: post.id, text: filled.text, use: { id, version: filled.version } };
    } catch (failure) {
      error.value = failure instanceof Error ? failure.message : "Something went wrong. Try again.";
    }
  };
  return (
    <Loaded of={list}>
      {({ replies }) => {
        const wanted = words.value.trim().toLocaleLowerCase("en-GB");
        const shown = offered(replies, number).filter(({ title, text }) => `${title} ${text}`.toLocaleLowerCase("en-GB").includes(wanted));
        return (
          <>
            <TextField id="saved-words" type="search" label="Find a saved reply" value={words.value} onChange={(value) => { words.value = value; }} />
            {error.value !== "" && <p class="error-message" role="alert">{error.value}</p>}
            {number !== null && !shown.some((one) => names(`${one.title} ${one.text}`, number)) && <p class="quiet">No saved reply for this account names {number}.</p>}
            <ul class="lines">
              {shown.map((one) => (
                <li key={one.id}><p><strong>{one.title}</strong></p><p class="quiet">{one.text}</p><button type="button" class="button" onClick={() => void choose(one)()}>Use<span class="unseen"> {one.title}</span></button></li>
              ))}
            </ul>
            {shown.length === 0 && <p class="quiet">No saved reply.</p>}
          </>
        );
      }}
    </Loaded>
  );
}
