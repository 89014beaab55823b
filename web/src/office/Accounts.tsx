// The register of accounts: found by name, with their people, policy in words and health; changed by administrators.
import { useSignal } from "@preact/signals";
import { ApiError } from "../api";
import { store } from "../app";
import type { Named } from "../types";
import { longDate } from "../words/dates";
import { platformName } from "../words/terms";
import { route } from "../route";
import { type Line, connectWords, leadsOut, tokenWords } from "./connectionWords";
import { Form, Loaded, Page, Select, Table, TextField, may, useLoaded } from "./kit";
import { type Policy, ROLES, policyWords } from "./policy";

interface Listed { id: string; platform: string; name: string; team: string; status: string; lead: Named | null; deputy: Named | null; policy: Policy; rev: number }
interface Health extends Line {
  read_until: string | null; gap: boolean; throttled_until: string | null; last_webhook_at: string | null;
}
interface Detail { account: Listed; changed_at: string | null; changed_by: Named | null; health: Health }
interface Answer { answer: { who: string; capacity: string }; people: Named[] }

const CAPACITIES: Record<string, string> = { lead: "lead", deputy: "deputy", cover: "standing in", control: "control room", on_call: "on call" };
const REASONS = ["security", "incident", "complaint", "not_used", "resolved", "other"].map((value) => ({ value, words: value.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase()) }));
const when = (at: string | null): string => (at === null ? "never" : longDate(at));

export default function Accounts() {
  const wanted = useSignal("");
  // A platform leads back to the account that was connected there.
  const open = useSignal(route.peek().queue === "open" ? "" : route.peek().queue);
  const read = useLoaded<{ accounts: Listed[]; next: string | null }>("/accounts?limit=500");
  const fits = ({ name, id, team }: Listed): boolean => `${name} ${id} ${team}`.toLocaleLowerCase("en-GB").includes(wanted.value.trim().toLocaleLowerCase("en-GB"));
  return (
    <Page title="Accounts" lead="Whose each page and profile is, and what may be done there.">
      <TextField id="account-search" label="Find an account" hint="By name, number or team" type="search" value={wanted.value} onChange={(value) => { wanted.value = value; }} />
      {open.value !== "" && <One key={open.value} id={open.value} changed={read.reload} />}
      <Loaded of={read}>
        {({ accounts, next }) => {
          const shown = accounts.filter(fits);
          return (
            <Table
              caption={`${shown.length} of ${accounts.length} accounts${next === null ? "" : " (the first 500; the rest are in the file of accounts)"}`}
              rows={shown} id={({ id }) => id} none="No account fits."
              columns={[
                { name: "Account", cell: ({ id, name }) => <button type="button" class="button" onClick={() => { open.value = id; }}>{name}</button> },
                { name: "Platform", cell: ({ platform }) => platformName(platform) },
                { name: "Team", cell: ({ team }) => team },
                { name: "Lead", cell: ({ lead }) => lead?.name ?? "nobody" },
                { name: "Deputy", cell: ({ deputy }) => deputy?.name ?? "nobody" },
                { name: "Status", cell: ({ status }) => status },
              ]}
            />
          );
        }}
      </Loaded>
    </Page>
  );
}

function One({ id, changed }: { id: string; changed: () => void }) {
  const path = `/accounts/${encodeURIComponent(id)}`;
  const read = useLoaded<Detail>(path);
  const now = useLoaded<Answer>(`${path}/responsible`);
  const reload = (): void => { read.reload(); now.reload(); changed(); };
  return (
    <Loaded of={read}>
      {({ account, health, changed_at, changed_by }) => (
        <section aria-labelledby="account-open">
          <h3 id="account-open">{account.name}</h3>
          <Loaded of={now}>{({ answer, people }) => <p>Answers now: <strong>{people.find((one) => `person:${one.id}` === answer.who)?.name ?? answer.who.replace(/^team:/, "team ")}</strong> ({CAPACITIES[answer.capacity] ?? answer.capacity})</p>}</Loaded>
          <ul>{policyWords(account.policy).map((words) => <li key={words}>{words}</li>)}</ul>
          <ul>
            <li>Read until {when(health.read_until)}{health.gap && <strong>: there is a gap</strong>}</li>
            <li>Last sent something by itself: {when(health.last_webhook_at)}</li>
            <li><Token of={health} /></li>
            {health.throttled_until !== null && <li>The platform is left alone until {longDate(health.throttled_until)}</li>}
            {changed_at !== null && <li>Changed last on {longDate(changed_at)}{changed_by !== null && ` by ${changed_by.name}`}</li>}
          </ul>
          {may("register") && <><Connect key={`c${health.connection}`} account={account} health={health} reload={reload} /><Edit key={`e${account.rev}`} account={account} reload={reload} /><Status key={`s${account.rev}`} account={account} reload={reload} /></>}
        </section>
      )}
    </Loaded>
  );
}

interface ChangeProps { account: Listed; reload: () => void }

/** Send a change of the revision that is shown; when another is in force, show that one beside the refusal. */
async function sent(write: Promise<unknown>, reload: () => void, words: string): Promise<string> {
  try {
    await write;
  } catch (failure) {
    if (failure instanceof ApiError && failure.status === 409) reload();
    throw failure;
  }
  reload();
  return words;
}

function Edit({ account, reload }: ChangeProps) {
  const lead = useSignal(account.lead?.id ?? "");
  const deputy = useSignal(account.deputy?.id ?? "");
  const policy = useSignal<Policy>(account.policy);
  const may_ = (act: "delete" | "reply") => (
    <fieldset class="field">
      <legend>Who may {act}</legend>
      {ROLES.map(({ value, words }) => (
        <label key={value}>
          <input type="checkbox" checked={policy.value[act].includes(value)} onChange={(event) => {
            const others = policy.value[act].filter((one) => one !== value);
            policy.value = { ...policy.value, [act]: event.currentTarget.checked ? [...others, value] : others };
          }} /> {words}
        </label>
      ))}
    </fieldset>
  );
  const approval = (act: "delete" | "reply") => (
    <Select id={`approve-${act}`} label={`Whose approval it takes to ${act}`} value={policy.value[`approve_${act}`] ?? ""}
      options={[{ value: "", words: "Nobody’s" }, { value: "lead", words: "The lead’s or the deputy’s" }, { value: "comms", words: "A communications officer’s" }, { value: "supervisor", words: "A supervisor’s" }]}
      onChange={(value) => { policy.value = { ...policy.value, [`approve_${act}`]: value === "" ? null : value }; }} />
  );
  const send = (): Promise<string> => sent(store.api.write(`/accounts/${encodeURIComponent(account.id)}`, {
    rev: account.rev, lead: lead.value.trim() || null, deputy: deputy.value.trim() || null, policy: policy.value,
  }, "PATCH"), reload, "Saved.");
  const check = () => (lead.value.trim() !== "" && lead.value.trim() === deputy.value.trim() ? [{ field: "account-deputy", text: "Enter a deputy who is not the lead, or nobody" }] : []);
  return (
    <Form action="Save lead, deputy and policy" check={check} send={send}>
      <TextField id="account-lead" label="Lead" hint={`The person’s id; empty for nobody. Now: ${account.lead?.name ?? "nobody"}`} value={lead.value} onChange={(value) => { lead.value = value; }} />
      <TextField id="account-deputy" label="Deputy" hint={`The person’s id; empty for nobody. Now: ${account.deputy?.name ?? "nobody"}`} value={deputy.value} onChange={(value) => { deputy.value = value; }} />
      {may_("delete")}
      {approval("delete")}
      {may_("reply")}
      {approval("reply")}
    </Form>
  );
}

function Token({ of }: { of: Line }) {
  const { words, urgent } = tokenWords(of);
  return urgent ? <strong>{words}</strong> : <>{words}</>;
}

/** Off to the platform's own page, which leads back here; and the tokens taken away. */
function Connect({ account, health, reload }: ChangeProps & { health: Line }) {
  const path = `/accounts/${encodeURIComponent(account.id)}`;
  const platform = platformName(account.platform);
  const connect = async (): Promise<string> => {
    const { address } = await store.api.write<{ address: string }>(`${path}/connect`, {});
    if (!leadsOut(address)) throw new Error("The server gave no address to go to.");
    location.assign(address);
    return `Taking you to ${platform}.`;
  };
  const disconnect = (): Promise<string> => sent(store.api.write(`${path}/disconnect`, {}), reload, "Disconnected: nothing is read or sent here any more.");
  const held = health.connection === "connected" || health.connection === "reconnect";
  return (
    <>
      {account.status !== "archived" && <Form action={`${connectWords(health)} on ${platform}`} send={connect}><p>Sign in on {platform} as this account, or as somebody who runs it. You come back here.</p></Form>}
      {held && <Form action="Disconnect" danger send={disconnect} />}
    </>
  );
}

function Status({ account, reload }: ChangeProps) {
  const works = account.status === "active";
  const reason = useSignal(works ? "security" : "resolved");
  const step = works ? "suspend" : "resume";
  const send = (): Promise<string> => sent(
    store.api.write(`/accounts/${encodeURIComponent(account.id)}/${step}`, { rev: account.rev, reason: reason.value }),
    reload, works ? "Suspended: nothing is sent out any more." : "The account works again.",
  );
  return (
    <Form action={works ? "Suspend this account" : "Let this account work again"} danger={works} send={send}>
      <Select id="account-reason" label="Why" value={reason.value} options={REASONS} onChange={(value) => { reason.value = value; }} />
    </Form>
  );
}
