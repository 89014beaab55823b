// The force's own systems that are told of what happens: made, changed, tried out, and sent again what they missed.
import { useSignal } from "@preact/signals";
import { store } from "../app";
import type { FieldError } from "../views/form";
import { Form, Loaded, Page, Table, TextField, useLoaded } from "./kit";

interface Hook { id: string; name: string; url: string; kinds: string[]; active: boolean; rev: number }
interface Made { hook: Hook; secret: string }
interface Delivery { id: string; kind: string; state: string; code: string | null; attempts: number; at: string }

export const KINDS: readonly (readonly [string, string])[] = [
  ["case_opened", "A risky post was judged"], ["flagged", "Somebody is called to a post"], ["escalated", "Nobody answered a call"],
  ["action_ended", "An action on a platform ended"], ["check_missed", "A daily check was missed"], ["break_glass", "Emergency access was used"],
];

export function wrongWith(at: string, hook: { name: string; url: string; kinds: readonly string[] }): FieldError[] {
  const errors: FieldError[] = [];
  if (hook.name.trim() === "") errors.push({ field: `${at}-name`, text: "Enter a name" });
  if (!/^https:\/\/[!-~]+$/.test(hook.url.trim())) errors.push({ field: `${at}-url`, text: "Enter an address that begins with https://" });
  if (hook.kinds.length === 0) errors.push({ field: `${at}-kind-${KINDS[0]?.[0] ?? ""}`, text: "Choose what it is told of" });
  return errors;
}

function Secret({ value }: { value: string }) {
  if (value === "") return null;
  return (
    <div class="inset" role="status">
      <p>Its messages are signed with this secret. Copy it now into the other system: it is shown this once.</p>
      <p><code>{value}</code></p>
    </div>
  );
}

function Edit({ hook, onDone }: { hook: Hook | null; onDone: () => void }) {
  const name = useSignal(hook?.name ?? "");
  const url = useSignal(hook?.url ?? "");
  const kinds = useSignal<readonly string[]>(hook?.kinds ?? ["case_opened"]);
  const secret = useSignal("");
  const at = hook === null ? "new-hook" : "hook";
  const fields = () => ({ name: name.value.trim(), url: url.value.trim(), kinds: kinds.value });
  const send = async (): Promise<string> => {
    if (hook === null) secret.value = (await store.api.write<Made>("/hooks", fields())).secret;
    else await store.api.write<Hook>(`/hooks/${hook.id}`, { ...fields(), active: hook.active, rev: hook.rev }, "PUT");
    onDone();
    return hook === null ? "Made." : "Saved.";
  };
  return (
    <>
      <Secret value={secret.value} />
      <Form action={hook === null ? "Make the hook" : "Save"} check={() => wrongWith(at, fields())} send={send}>
        <TextField id={`${at}-name`} label="Name" value={name.value} onChange={(value) => { name.value = value; }} />
        <TextField id={`${at}-url`} label="Address" value={url.value} hint="https, on one of the hosts that the deployment lists." onChange={(value) => { url.value = value; }} />
        <fieldset class="field">
          <legend>It is told when</legend>
          {KINDS.map(([kind, words]) => (
            <div key={kind}>
              <input type="checkbox" id={`${at}-kind-${kind}`} checked={kinds.value.includes(kind)}
                onChange={(event) => { const on = event.currentTarget.checked; kinds.value = on ? [...kinds.value, kind] : kinds.value.filter((one) => one !== kind); }} />
              <label for={`${at}-kind-${kind}`}>{words}</label>
            </div>
          ))}
        </fieldset>
      </Form>
    </>
  );
}

function One({ hook, onDone }: { hook: Hook; onDone: () => void }) {
  const deliveries = useLoaded<{ deliveries: Delivery[] }>(`/hooks/${hook.id}/deliveries`);
  const secret = useSignal("");
  const act = (path: string, words: (answer: { count?: number }) => string) => async (): Promise<string> => {
    const said = words(await store.api.write<{ count?: number }>(`/hooks/${hook.id}/${path}`, {}));
    deliveries.reload();
    return said;
  };
  const turn = async (): Promise<string> => {
    const { name, url, kinds, rev } = hook;
    await store.api.write<Hook>(`/hooks/${hook.id}`, { name, url, kinds, rev, active: !hook.active }, "PUT");
    onDone();
    return hook.active ? "Switched off." : "Switched on.";
  };
  const rotate = async (): Promise<string> => {
    secret.value = (await store.api.write<Made>(`/hooks/${hook.id}/rotate`, { rev: hook.rev })).secret;
    onDone();
    return "For a day messages are signed with the old secret too.";
  };
  return (
    <section aria-label={hook.name}>
      <h3>{hook.name}</h3>
      <Secret value={secret.value} />
      <Edit key={hook.rev} hook={hook} onDone={onDone} />
      <Form action="Send a test" send={act("test", () => "On its way.")} />
      <Form action="Send again what failed" send={act("redrive", (answer) => `${answer.count ?? 0} sent again.`)} />
      <Form action="Make a new secret" send={rotate} />
      <Form action={hook.active ? "Switch off" : "Switch on"} send={turn} danger={hook.active} />
      <Loaded of={deliveries}>
        {(found) => (
          <Table caption="The newest messages" rows={found.deliveries} id={(row) => `${row.id}${row.at}`} none="Nothing was sent yet."
            columns={[
              { name: "When", cell: (row) => new Date(row.at).toLocaleString("en-GB", { timeZone: "Europe/London" }) },
              { name: "What", cell: (row) => row.kind },
              { name: "State", cell: (row) => (row.code === null ? row.state : `${row.state} (${row.code})`) },
              { name: "Attempts", cell: (row) => row.attempts, number: true },
            ]} />
        )}
      </Loaded>
    </section>
  );
}

export default function Hooks() {
  const hooks = useLoaded<{ hooks: Hook[] }>("/hooks");
  const chosen = useSignal("");
  return (
    <Page title="Hooks" lead="Systems of the force that are told of what happens: ids and codes alone, signed, until they have taken it.">
      <Loaded of={hooks}>
        {(found) => {
          const hook = found.hooks.find((one) => one.id === chosen.value);
          return (
            <>
              <Table caption="Hooks" rows={found.hooks} id={(row) => row.id} none="There is no hook yet."
                columns={[
                  { name: "Name", cell: (row) => <button type="button" class="button" onClick={() => { chosen.value = row.id; }}>{row.name}</button> },
                  { name: "Address", cell: (row) => row.url },
                  { name: "State", cell: (row) => (row.active ? "On" : "Off") },
                ]} />
              {hook !== undefined && <One key={hook.id} hook={hook} onDone={hooks.reload} />}
              <details>
                <summary>Make a hook</summary>
                <Edit hook={null} onDone={hooks.reload} />
              </details>
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}
