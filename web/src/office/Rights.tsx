// Requests for access, FOI, rectification and erasure: the open cases with the time left, and one case at a time.
import { useSignal } from "@preact/signals";
import { store } from "../app";
import { Form, Loaded, Page, Select, Table, TextField, may, useLoaded } from "./kit";
import { RightsItem } from "./RightsItem";
import { type Due, timeLeft, words } from "./rightsWords";

interface Summary { id: string; kind: string; law: string; ref: string; received_on: string; state: string; handler: { name: string }; due: Due; rev: number }
export interface Case extends Summary {
  outcome: string | null;
  package: { state: string; error: string | null } | null;
  disposals: string[];
  requester: { name: string; contact: string; request: string } | null;
  searches: { id: string; state: string; examined: number; found: number; added: number; error: string | null }[];
  steps: string[];
  verdicts: string[];
  exemptions: Record<string, string>;
}
interface Item { post: string; account: string; event_at: string; verdict: string | null; changed: boolean; held: boolean; rev: number }
interface Answer {
  version: string; outcome: string; exemption: string | null; total: number; withheld: Record<string, number>;
  posts: { number: number; at: string; account: string; author: string | null; text: string; media: string[] }[];
}

const LAWS = [
  { value: "dpa_part3", words: "Law enforcement processing (DPA 2018 Part 3)" },
  { value: "uk_gdpr", words: "General processing (UK GDPR)" },
];
const KINDS = ["access", "foi", "rectification", "erasure"].map((value) => ({ value, words: value === "foi" ? "Freedom of information" : words(value) }));
const SIMPLE = ["ask_identity", "identity_confirmed", "ask_clarification", "clarified", "take", "reopen", "sent", "withdraw"];
export const options = (codes: readonly string[]) => codes.map((value) => ({ value, words: words(value) }));

export default function Rights() {
  const chosen = useSignal("");
  const list = useLoaded<{ cases: Summary[] }>(chosen.value === "" ? "/rights" : null);
  if (chosen.value !== "") return <OneCase id={chosen.value} back={() => { chosen.value = ""; }} />;
  return (
    <Page title="Rights" lead="What people ask of what the force holds about them, and FOI. The nearest due is first.">
      <Loaded of={list}>
        {({ cases }) => (
          <Table caption={`${cases.length} open cases`} rows={cases} id={({ id }) => id} none="No case is open."
            columns={[
              { name: "Reference", cell: (one) => <button type="button" class="as-link" onClick={() => { chosen.value = one.id; }}>{one.ref}</button> },
              { name: "Time left", cell: ({ due }) => timeLeft(due) },
              { name: "Request", cell: ({ kind }) => words(kind) },
              { name: "State", cell: ({ state }) => words(state) },
              { name: "Who has it", cell: ({ handler }) => handler.name },
            ]} />
        )}
      </Loaded>
      {may("rights") && <NewCase opened={(id) => { chosen.value = id; }} />}
    </Page>
  );
}

function NewCase({ opened }: { opened: (id: string) => void }) {
  const kind = useSignal("access");
  const law = useSignal("dpa_part3");
  const ref = useSignal("");
  const day = useSignal("");
  const name = useSignal("");
  const request = useSignal("");
  const send = async (): Promise<string> => {
    const body = {
      kind: kind.value, law: kind.value === "foi" ? "foia" : law.value, ref: ref.value.trim(), received_on: day.value,
      requester: { name: name.value.trim(), contact: "", request: request.value },
    };
    opened((await store.api.write<Case>("/rights", body)).id);
    return "Taken in.";
  };
  const check = () => [
    ...(ref.value.trim() === "" ? [{ field: "rights-ref", text: "Enter the force's reference" }] : []),
    ...(day.value === "" ? [{ field: "rights-day", text: "Enter the day it was received on" }] : []),
    ...(name.value.trim() === "" ? [{ field: "rights-name", text: "Enter who asks" }] : []),
  ];
  return (
    <section aria-label="New case">
      <h3>New case</h3>
      <Form action="Take in the request" check={check} send={send}>
        <Select id="rights-kind" label="What is asked for" value={kind.value} options={KINDS} onChange={(value) => { kind.value = value; }} />
        {kind.value !== "foi" && <Select id="rights-law" label="Law" value={law.value} options={LAWS} onChange={(value) => { law.value = value; }} />}
        <TextField id="rights-ref" label="Reference" hint="Like SAR/2026/12" value={ref.value} onChange={(value) => { ref.value = value; }} />
        <TextField id="rights-day" label="Received on" type="date" value={day.value} onChange={(value) => { day.value = value; }} />
        <TextField id="rights-name" label="Who asks" hint="Shown to those who work the case, and in no record" value={name.value} onChange={(value) => { name.value = value; }} />
        <TextField id="rights-request" label="What they wrote" rows={4} value={request.value} onChange={(value) => { request.value = value; }} />
      </Form>
    </section>
  );
}

function OneCase({ id, back }: { id: string; back: () => void }) {
  const path = `/rights/${encodeURIComponent(id)}`;
  const found = useLoaded<Case>(path);
  return (
    <Page title="Rights case">
      <p><button type="button" class="as-link" onClick={back}>All cases</button></p>
      <Loaded of={found}>
        {(one) => (
          <>
            <dl>
              <dt>Reference</dt><dd>{one.ref}, {words(one.kind)}, received {one.received_on}</dd>
              <dt>Time left</dt><dd>{timeLeft(one.due)}; {one.due.rule}</dd>
              <dt>State</dt><dd>{words(one.state)}</dd>
              {one.requester !== null && <><dt>Who asks</dt><dd>{one.requester.name}</dd><dt>What they wrote</dt><dd class="note-text">{one.requester.request}</dd></>}
              {one.package !== null && <><dt>Answer</dt><dd>{words(one.package.state)}{one.package.error === null ? "" : ` (${one.package.error}): reopen the case`}</dd></>}
            </dl>
            <button type="button" class="button" onClick={found.reload}>Look again</button>
            {may("rights") && <Steps one={one} path={path} done={found.reload} />}
            {may("rights") && (one.state === "received" || one.state === "reviewing") && <Search one={one} path={path} done={found.reload} />}
            {may("rights") && one.searches.length > 0 && <Items one={one} path={path} />}
            {may("approve_answer") && one.state === "submitted" && <Approve one={one} path={path} done={found.reload} />}
            {may("rights") && one.package?.state === "made" && <Link path={path} />}
            {may("dispose") && one.kind === "erasure" && one.state === "approved" && (
              <Form action="Propose the disposal" danger send={async () => {
                await store.api.write(`${path}/disposal`, { rev: one.rev });
                found.reload();
                return "Proposed. A supervisor of the accounts decides.";
              }} />
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

interface Part { one: Case; path: string; done: () => void }

function Steps({ one, path, done }: Part) {
  const simple = one.steps.filter((step) => SIMPLE.includes(step));
  const step = useSignal(simple[0] ?? "");
  const chosen = simple.includes(step.value) ? step.value : (simple[0] ?? "");
  const day = useSignal("");
  const why = useSignal("");
  const write = async (body: object): Promise<string> => {
    await store.api.write(`${path}/steps`, { rev: one.rev, ...body });
    done();
    return "Done.";
  };
  const reasons = one.law === "foia" ? ["public_interest_test"] : ["complexity", "number_of_requests"];
  return (
    <section aria-label="Go on">
      <h3>Go on</h3>
      {simple.length > 0 && (
        <Form action="Record the step" send={() => write({ step: chosen, on: day.value || null })}>
          <Select id="rights-step" label="What was done" value={chosen} options={options(simple)} onChange={(value) => { step.value = value; }} />
          <TextField id="rights-on" label="On which day" hint="Leave empty for today" type="date" value={day.value} onChange={(value) => { day.value = value; }} />
        </Form>
      )}
      {one.steps.includes("extend") && reasons.map((reason) => (
        <Form key={reason} action={`Extend the time: ${words(reason).toLowerCase()}`} send={() => write({ step: "extend", extension: reason })} />
      ))}
      {one.steps.includes("submit") && (
        <>
          <Form action="Submit to be answered" send={() => write({ step: "submit", outcome: "answer" })} />
          <Form action="Submit to be refused" send={() => write({ step: "submit", outcome: "refuse", exemption: why.value || Object.keys(one.exemptions)[0] })}>
            <Select id="rights-why" label="Exemption" value={why.value} options={exemptions(one)} onChange={(value) => { why.value = value; }} />
          </Form>
        </>
      )}
    </section>
  );
}

export const exemptions = (one: Case) => Object.entries(one.exemptions).map(([value, said]) => ({ value, words: said }));

function Search({ one, path, done }: Part) {
  const account = useSignal("");
  const since = useSignal("");
  const until = useSignal(new Date().toISOString().slice(0, 10));
  const handle = useSignal("");
  const wanted = useSignal("");
  const send = async (): Promise<string> => {
    const terms = wanted.value.split(",").map((term) => term.trim()).filter(Boolean);
    const criteria = { since: since.value, until: until.value, account: account.value || null, handle: handle.value.trim() || null, words: terms };
    await store.api.write(`${path}/searches`, { criteria, rev: one.rev });
    done();
    return "Searching. Look again in a moment.";
  };
  const check = () => (since.value === "" ? [{ field: "rights-since", text: "Enter from which day on" }] : []);
  const accounts = [{ value: "", words: "All accounts" }, ...store.accounts.value.map(({ id, name }) => ({ value: id, words: name }))];
  return (
    <section aria-label="Search">
      <h3>Search</h3>
      <Form action="Search" check={check} send={send}>
        <TextField id="rights-since" label="From" type="date" value={since.value} onChange={(value) => { since.value = value; }} />
        <TextField id="rights-until" label="To, included" type="date" value={until.value} onChange={(value) => { until.value = value; }} />
        <Select id="rights-account" label="Account" value={account.value} options={accounts} onChange={(value) => { account.value = value; }} />
        <TextField id="rights-handle" label="Handle or name" value={handle.value} onChange={(value) => { handle.value = value; }} />
        <TextField id="rights-words" label="Words" hint="Divided by commas; a post is found when the handle or one of them fits" value={wanted.value} onChange={(value) => { wanted.value = value; }} />
      </Form>
    </section>
  );
}

function Items({ one, path }: { one: Case; path: string }) {
  const found = useLoaded<{ items: Item[]; undecided: number }>(`${path}/items`);
  const opened = useSignal("");
  return (
    <section aria-label="What was found">
      <h3>What was found</h3>
      <Loaded of={found}>
        {({ items, undecided }) => (
          <Table caption={`${items.length} posts, ${undecided} to be decided`} rows={items} id={({ post }) => post} none="Nothing was found."
            columns={[
              { name: "Post of", cell: (item) => <button type="button" class="as-link" onClick={() => { opened.value = item.post; }}>{item.event_at.slice(0, 16).replace("T", " ")}</button> },
              { name: "Account", cell: ({ account }) => account },
              { name: "Decided", cell: ({ verdict, changed }) => (verdict === null ? "Not yet" : changed ? "Changed since: decide again" : words(verdict)) },
              { name: "Legal hold", cell: ({ held }) => (held ? "Held" : "None") },
            ]} />
        )}
      </Loaded>
      {opened.value !== "" && <RightsItem key={opened.value} one={one} path={`${path}/items/${encodeURIComponent(opened.value)}`} correct={`${path}/corrections`} done={found.reload} />}
    </section>
  );
}

function Approve({ one, path, done }: Part) {
  const start = useSignal(0);
  const found = useLoaded<Answer>(`${path}/answer?start=${start.value}`);
  const decide = async (decision: string, version: string): Promise<string> => {
    await store.api.write(`${path}/decision`, { decision, version, rev: one.rev });
    done();
    return "Decided.";
  };
  return (
    <section aria-label="The answer as it goes out">
      <h3>The answer as it goes out</h3>
      <Loaded of={found}>
        {(answer) => (
          <>
            {answer.exemption !== null && <p>Refused as a whole: {one.exemptions[answer.exemption] ?? answer.exemption}</p>}
            <p>{answer.total} posts. Withheld: {Object.entries(answer.withheld).map(([code, n]) => `${n}: ${one.exemptions[code] ?? code}`).join("; ") || "none"}.</p>
            {answer.posts.map((post) => (
              <article key={post.number}>
                <h4>{post.number}. {post.at}, {post.account}{post.author === null ? "" : `, by ${post.author}`}</h4>
                <blockquote class="note-text">{post.text}</blockquote>
                {post.media.length > 0 && <p>{post.media.length} attachments go out.</p>}
              </article>
            ))}
            {start.value + answer.posts.length < answer.total && <button type="button" class="button" onClick={() => { start.value += answer.posts.length; }}>Next posts</button>}
            <Form action="Approve" send={() => decide("approve", answer.version)} />
            <Form action="Send back" danger send={() => decide("send_back", answer.version)} />
          </>
        )}
      </Loaded>
    </section>
  );
}

function Link({ path }: { path: string }) {
  const url = useSignal("");
  return (
    <section aria-label="Fetch the answer">
      <Form action="Make a link" send={async () => {
        url.value = (await store.api.write<{ url: string }>(`${path}/link`, {})).url;
        return "It works for ten minutes, for whoever has it. Each link is recorded.";
      }} />
      {url.value !== "" && <p><a href={url.value} download>Fetch the answer</a></p>}
    </section>
  );
}
