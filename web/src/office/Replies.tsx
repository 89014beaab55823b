// Saved replies kept by those who write them: found, written, put in other words, retired, each shown as it will read;
// and the force's tags for those who keep them.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError } from "../api";
import { store } from "../app";
import type { Account } from "../types";
import type { FieldError } from "../views/form";
import { shortDate } from "../words/dates";
import { Form, Loaded, Page, Select, Table, TextField, may, useLoaded } from "./kit";
import { MAX_TEXT, MAX_TITLE, type SavedReply, type Writer, asRead, found, mayWrite, scopeName, scopesFor, unknownIn } from "./replyWords";
import { Tags } from "./Tags";

const writer = (): Writer => store.me.value?.person ?? { id: "", role: "", teams: [] };

export default function Replies() {
  const chosen = useSignal("");
  const accounts = [...store.accounts.value].sort((one, other) => one.name.localeCompare(other.name, "en-GB"));
  const account = accounts.find(({ id }) => id === chosen.value) ?? accounts[0];
  return (
    <Page title="Replies and tags" lead="Words that answers begin from, and the tags that posts are sorted by. Every change is recorded; old versions are kept.">
      {may("replies") && (account === undefined
        ? <p class="quiet">You reach no account to write replies for.</p>
        : (
          <section aria-labelledby="replies-title">
            <h3 id="replies-title" tabIndex={-1}>Saved replies</h3>
            <Select id="replies-account" label="For answers on" value={account.id} onChange={(id) => { chosen.value = id; }}
              options={accounts.map(({ id, name, handle }) => ({ value: id, words: handle === null ? name : `${name} (${handle})` }))} />
            <OnAccount key={account.id} account={account} />
          </section>
        ))}
      {may("tags") && <Tags />}
    </Page>
  );
}

function OnAccount({ account }: { account: Account }) {
  const words = useSignal("");
  const open = useSignal("");
  const said = useSignal("");
  const list = useLoaded<{ replies: SavedReply[] }>(`/replies?account=${encodeURIComponent(account.id)}`);
  const close = (message: string): void => {
    said.value = message;
    open.value = "";
    document.getElementById("replies-title")?.focus(); // what had the focus is gone
  };
  const done = (message: string): void => {
    close(message);
    list.reload();
  };
  const show = (id: string): void => {
    said.value = "";
    open.value = id;
  };
  const scopes = scopesFor(writer(), account, store.accounts.value);
  return (
    <>
      <p role="status">{said.value}</p>
      {scopes.length > 0 && open.value !== "new" && <button type="button" class="button" onClick={() => show("new")}>Write a saved reply</button>}
      {open.value === "new" && <Write account={account} scopes={scopes} done={done} reload={list.reload} />}
      <Loaded of={list}>
        {({ replies }) => {
          const shown = found(replies, words.value);
          const one = replies.find(({ id }) => id === open.value);
          return (
            <>
              {one !== undefined && <One key={one.id} one={one} account={account} done={done} reload={list.reload} close={() => close("")} />}
              <TextField id="replies-words" label="Find a saved reply" type="search" value={words.value} onChange={(value) => { words.value = value; }} />
              <Table
                caption={`${shown.length} of ${replies.length} saved replies`} rows={shown} id={({ id }) => id} none="No saved reply fits."
                columns={[
                  { name: "Title", cell: ({ id, title }) => <button type="button" class="as-link" onClick={() => show(id)}>{title}</button> },
                  { name: "For", cell: ({ scope }) => scopeName(scope, store.accounts.value) },
                  { name: "Version", cell: ({ version }) => version, number: true },
                  { name: "Changed by", cell: ({ by, at }) => `${by.name}, ${shortDate(at)}` },
                ]}
              />
            </>
          );
        }}
      </Loaded>
    </>
  );
}

interface OneProps { one: SavedReply; account: Account; done: (words: string) => void; reload: () => void; close: () => void }

function One({ one, account, done, reload, close }: OneProps) {
  const writes = mayWrite(writer(), one.scope, store.accounts.value);
  useEffect(() => document.getElementById("reply-open")?.focus(), []);
  const retire = async (): Promise<string> => {
    await store.api.write(`/replies/${encodeURIComponent(one.id)}`, {}, "DELETE");
    done(`“${one.title}” is retired.`);
    return "";
  };
  return (
    <section class="inset" aria-labelledby="reply-open">
      <h4 id="reply-open" tabIndex={-1}>{one.title}, version {one.version}</h4>
      <Preview text={one.text} account={account} />
      {writes
        ? (
          <>
            <Write account={account} old={one} scopes={[]} done={done} reload={reload} />
            <p>A reply that is retired is offered no more and does not come back. Answers that were made from it keep naming it.</p>
            <Form action="Retire this reply" danger send={retire} />
          </>
        )
        : <p class="quiet">Communications change what is for the force, a supervisor what is for their team, a lead what is for their account.</p>}
      <button type="button" class="button" onClick={close}>Close</button>
    </section>
  );
}

function Preview({ text, account }: { text: string; account: Account }) {
  return (
    <figure>
      <figcaption class="quiet">As it would read on {account.name}, with an invented name and reference:</figcaption>
      <blockquote class="quoted"><p class="note-text">{asRead(text, account.name, store.me.value?.person.name ?? "")}</p></blockquote>
    </figure>
  );
}

interface WriteProps { account: Account; old?: SavedReply; scopes: readonly string[]; done: (words: string) => void; reload: () => void }

/** The form of a new reply, or of the next version of `old`. */
function Write({ account, old, scopes, done, reload }: WriteProps) {
  const title = useSignal(old?.title ?? "");
  const text = useSignal(old?.text ?? "");
  const scope = useSignal(scopes[0] ?? "");
  useEffect(() => { if (old === undefined) document.getElementById("reply-title")?.focus(); }, []);
  const check = (): FieldError[] => [
    ...(title.value.trim() === "" ? [{ field: "reply-title", text: "Enter a title" }] : []),
    ...(title.value.trim().length > MAX_TITLE ? [{ field: "reply-title", text: `Enter a title of at most ${MAX_TITLE} characters` }] : []),
    ...(text.value.trim() === "" ? [{ field: "reply-text", text: "Write the reply" }] : []),
    ...(text.value.trim().length > MAX_TEXT ? [{ field: "reply-text", text: `Write a reply of at most ${MAX_TEXT} characters` }] : []),
    ...(unknownIn(text.value) ? [{ field: "reply-text", text: "In braces use only {name}, {account}, {reference} or {officer}" }] : []),
    ...(old !== undefined && title.value.trim() === old.title && text.value.trim() === old.text ? [{ field: "reply-text", text: "Change something first" }] : []),
  ];
  const send = async (): Promise<string> => {
    const said = { title: title.value.trim(), text: text.value.trim() };
    try {
      if (old === undefined) await store.api.write("/replies", { ...said, scope: scope.value });
      else await store.api.write(`/replies/${encodeURIComponent(old.id)}`, { ...said, rev: old.rev }, "PUT");
    } catch (failure) {
      if (failure instanceof ApiError && failure.status === 409) reload(); // what stands now is shown above what was typed
      throw failure;
    }
    done(old === undefined ? `“${said.title}” is saved.` : `“${said.title}” has a new version.`);
    return "";
  };
  return (
    <Form action={old === undefined ? "Save the reply" : "Save as a new version"} check={check} send={send}>
      {scopes.length > 0 && <Select id="reply-scope" label="For whom" value={scope.value} onChange={(value) => { scope.value = value; }}
        options={scopes.map((value) => ({ value, words: scopeName(value, store.accounts.value) }))} />}
      <TextField id="reply-title" label="Title" value={title.value} onChange={(value) => { title.value = value; }} />
      <TextField id="reply-text" label="Text" rows={6} value={text.value} onChange={(value) => { text.value = value; }}
        hint="{name} is who wrote the post, {account} the account, {reference} the latest reference on the case, {officer} who answers" />
      {text.value.trim() !== "" && (old === undefined || text.value !== old.text) && <Preview text={text.value} account={account} />}
    </Form>
  );
}
