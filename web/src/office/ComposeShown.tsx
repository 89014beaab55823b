// One publication: what it says, what was changed since it was submitted last, whose word it waits for, and its copies.
import { useSignal } from "@preact/signals";
import { store } from "../app";
import { shortDate } from "../words/dates";
import { AccountChoice, nameOf, turned } from "./accountChoice";
import { Carried } from "./Attachments";
import { Write } from "./ComposeWrite";
import { Form, Select, Sharing, Table, TextField } from "./kit";
import { PartList } from "./PartList";
import { PlatformPreviews } from "./PlatformPreviews";
import { parts } from "./publishDiff";
import { APPROVER, type Copy, DOWN, type Publication, REJECT, STATE, goesOut, outcome, whyHeld } from "./publishWords";

type Act = (step: string, body: object, words: string) => () => Promise<string>;
interface Props { publication: Publication; asked: () => void; done: () => void }

export function Shown({ publication, asked, done }: Props) {
  const { id, rev, can, copies } = publication;
  const act: Act = (step, body, words) => async () => {
    await store.api.write(`/publications/${encodeURIComponent(id)}/${step}`, body);
    done();
    return words;
  };
  const verify = async (): Promise<string> => {
    asked();
    return act("verify", {}, "Asked. The answers stand here in a moment.")();
  };
  const said = goesOut(publication);
  return (
    <section class="inset" aria-labelledby="pub-open">
      <h3 id="pub-open" tabIndex={-1}>{STATE[publication.state] ?? publication.state}</h3>
      <Standing publication={publication} />
      <PartList parts={parts(publication.before, publication.fields, nameOf)} />
      <Sharing>
        <Carried assets={publication.fields.assets} publication={id} />
        {["draft", "proposed", "scheduled", "held"].includes(publication.state) && <PlatformPreviews fields={publication.fields} />}
      </Sharing>
      {said !== "" && <p>{said}</p>}
      {copies.length > 0 && (
        <Table
          caption="On each account" rows={copies} id={(copy) => copy.id} none=""
          columns={[
            { name: "Account", cell: ({ account }) => nameOf(account) },
            { name: "State", cell: (copy) => outcome(copy) },
            { name: "Out since", cell: ({ out_at: at }) => (at === null ? "" : shortDate(at)) },
            { name: "Looked at", cell: ({ checked_at: at }) => (at === null ? "" : shortDate(at)) },
          ]}
        />
      )}
      {can.includes("submit") && <Submit publication={publication} act={act} />}
      {can.includes("approve") && <Form action="Approve" send={act("approve", { rev }, "Approved.")} />}
      {can.includes("reject") && <Reject rev={rev} act={act} />}
      {can.includes("send_held") && <Form action="Send it now" send={act("send", { rev }, "On its way.")} />}
      {copies.filter((copy) => copy.can.includes("settle")).map((copy) => <Settle key={copy.id} copy={copy} act={act} />)}
      <Edit copies={copies.filter((copy) => copy.can.includes("edit"))} act={act} />
      <TakeDown copies={copies.filter((copy) => copy.can.includes("take_down"))} act={act} />
      {copies.some(({ out_at: at }) => at !== null) && <Form action="Ask the platforms what the public sees" send={verify} />}
      {can.includes("save") && <Change publication={publication} done={done} />}
      {can.includes("withdraw") && <Form action="Withdraw it" danger send={act("withdraw", { rev }, "Withdrawn.")} />}
    </section>
  );
}

/** The form shows the pictures, too, and each look at one is on record: it is there once it is wanted. */
function Change({ publication, done }: { publication: Publication; done: () => void }) {
  const opened = useSignal(false);
  return (
    <details onToggle={(event) => { if (event.currentTarget.open) opened.value = true; }}>
      <summary>Change it</summary>
      {opened.value && <Write fields={publication.fields} publication={publication} done={done} />}
    </details>
  );
}

function Standing({ publication }: { publication: Publication }) {
  const { by, changed_by, changed_at, paused, held_why, state, rejected_by, reject_reason, needs } = publication;
  const open = needs.filter((need) => need.by === null);
  return (
    <>
      <p>Written by {by.name}, changed by {changed_by.name} on {shortDate(changed_at)}.</p>
      {paused && <p><strong>Publishing is paused on an account of it.</strong></p>}
      {state === "held" && held_why !== null && <p><strong>{whyHeld(held_why)}</strong></p>}
      {rejected_by !== null && <p>{rejected_by.name} gave it back: {REJECT.find(([code]) => code === reject_reason)?.[1] ?? ""}.</p>}
      {open.length > 0 && <p>It waits for {open.map(({ account, approver }) => `${APPROVER[approver] ?? approver} of ${nameOf(account)}`).join(", ")}.</p>}
    </>
  );
}

function Submit({ publication, act }: { publication: Publication; act: Act }) {
  const { rev, can, paused, fields } = publication;
  const despite = useSignal(false);
  return (
    <Form action={`${fields.schedule.at === null ? "Send it" : "Schedule it"}, or ask for approval`} send={() => act("submit", { rev, despite: despite.value }, "Submitted.")()}>
      {paused && can.includes("pause") && (
        <label class="check">
          <input type="checkbox" id="pub-despite" checked={despite.value} onChange={(event) => { despite.value = event.currentTarget.checked; }} />
          Send it although publishing is paused
        </label>
      )}
    </Form>
  );
}

function Reject({ rev, act }: { rev: number; act: Act }) {
  const reason = useSignal(REJECT[0]?.[0] ?? "");
  return (
    <Form action="Give it back" send={() => act("reject", { rev, reason: reason.value }, "Given back.")()}>
      <Select id="pub-reason" label="Why" value={reason.value} options={REJECT.map(([value, words]) => ({ value, words }))} onChange={(value) => { reason.value = value; }} />
    </Form>
  );
}

/** Nobody knows whether it is out: whoever has looked at the platform says so, with its number there. */
function Settle({ copy, act }: { copy: Copy; act: Act }) {
  const native = useSignal("");
  const settle = (happened: boolean, words: string) => () => {
    const number = native.value.trim();
    return act("settle", { copy_id: copy.id, happened, native_id: happened && number !== "" ? number : null }, words)();
  };
  return (
    <details>
      <summary>Say what is to be seen on {nameOf(copy.account)}</summary>
      <Form action="I looked: it happened" send={settle(true, "Recorded: it happened.")}>
        {copy.verb === "publish" && <TextField id={`pub-native-${copy.id}`} label="Its number on the platform" hint="It stands in its address there. With it, the publication can be looked at and taken down from here." value={native.value} onChange={(value) => { native.value = value; }} />}
      </Form>
      <Form action="I looked: it did not happen" send={settle(false, "Recorded: it did not happen.")} />
    </details>
  );
}

/** Other words for what is out, on the platforms that can change words; the others offer to take it down. */
function Edit({ copies, act }: { copies: readonly Copy[]; act: Act }) {
  const words = useSignal<Record<string, string>>({});
  if (copies.length === 0) return null;
  const changed = (): Record<string, string> =>
    Object.fromEntries(copies.map(({ account, text }) => [account, words.value[account] ?? text] as const).filter(([account, now]) => now !== copies.find((one) => one.account === account)?.text));
  const check = () => (Object.keys(changed()).length === 0 ? [{ field: `pub-edit-${copies[0]?.account}`, text: "Change the words on at least one account" }] : []);
  return (
    <details>
      <summary>Change words that are out</summary>
      <Form action="Change them" check={check} send={() => act("edit", { variants: changed() }, "Being changed.")()}>
        {copies.map(({ id, account, text }) => (
          <TextField key={id} id={`pub-edit-${account}`} label={nameOf(account)} rows={4} value={words.value[account] ?? text} onChange={(value) => { words.value = { ...words.value, [account]: value }; }} />
        ))}
      </Form>
    </details>
  );
}

function TakeDown({ copies, act }: { copies: readonly Copy[]; act: Act }) {
  const among = [...new Set(copies.map(({ account }) => account))];
  const left = useSignal<string[]>([]);
  const why = useSignal(DOWN[0]?.[0] ?? "");
  if (among.length === 0) return null;
  const chosen = among.filter((id) => !left.value.includes(id));
  const whole = chosen.length === among.length;
  const check = () => (chosen.length === 0 ? [{ field: "pub-down-on", text: "Choose at least one account" }] : []);
  return (
    <details>
      <summary>Take it down</summary>
      <p>The public will not see it any more{whole ? ", and nothing of it that is still to come goes out" : ""}. What was said stays in the archive.</p>
      <Form action={`Take it down ${whole ? "everywhere" : `on ${chosen.length} of ${among.length} accounts`}`} danger check={check} send={() => act("take-down", { accounts: whole ? null : chosen, reason: why.value }, "Being taken down.")()}>
        <AccountChoice id="pub-down-on" legend="Accounts" among={among} chosen={chosen} onTurn={(id, on) => { left.value = turned(left.value, id, !on); }} />
        <Select id="pub-down" label="Why" value={why.value} options={DOWN.map(([value, words]) => ({ value, words }))} onChange={(value) => { why.value = value; }} />
      </Form>
    </details>
  );
}
