// What the force sets for all incidents: above how many posts a second person agrees, and whom no order touches.
import { type Signal, useSignal } from "@preact/signals";
import { store } from "../app";
import { platformName } from "../words/terms";
import { type Author, type Exempt, MOST_BOUND, MOST_EXEMPT, type Policy, boundOf, exemptOf, nameOf, policyErrors, problemOf, sameAuthor } from "./exemptWords";
import { Form, Loaded, Select, Table, TextField, may, orReload, useLoaded } from "./kit";

const PATH = "/incident-policy";
const rowOf = ({ platform, handle, author_key: key }: Exempt): string => `${platform} ${handle ?? ""} ${key ?? ""}`;
const NOBODY: Author = { platform: "", who: "", label: "" };

/** Read when it is asked for: the list names authors, so that each look at it is on record. */
export default function IncidentPolicy() {
  const wanted = useSignal(false);
  const read = useLoaded<Policy>(wanted.value ? PATH : null);
  return (
    <section aria-labelledby="incident-policy">
      <h3 id="incident-policy">What holds for every incident</h3>
      <p>An order over more posts than the bound waits for a second person’s word. No order, and no standing rule, takes away what the authors on the list have written, such as journalists; by hand it can still be hidden. An administrator sets both, as nobody who commands sets their own bound.</p>
      {!wanted.value && <button type="button" class="button" onClick={() => { wanted.value = true; }}>Show the bound and the list</button>}
      <Loaded of={read}>
        {(policy) => (
          <>
            <p>The bound is {policy.bound.toLocaleString("en-GB")} {policy.bound === 1 ? "post" : "posts"}.</p>
            <Table caption="Authors whom no order touches" rows={policy.exempt} id={rowOf} none="No author is on the list."
              columns={[
                { name: "Author", cell: nameOf },
                { name: "Platform", cell: ({ platform }) => platformName(platform) },
                { name: "Why, or who it is", cell: ({ label }) => label },
              ]} />
            {may("register") && <Setting policy={policy} reload={read.reload} />}
          </>
        )}
      </Loaded>
    </section>
  );
}

/** The form. What was typed stays when somebody else was quicker; what they have set stands above it. */
function Setting({ policy, reload }: { policy: Policy; reload: () => void }) {
  const bound = useSignal(String(policy.bound));
  const exempt = useSignal<readonly Exempt[]>(policy.exempt);
  const pending = useSignal<Author>(NOBODY);
  const typedOn = useSignal(policy.rev);
  const take = (now: Policy): void => {
    bound.value = String(now.bound);
    exempt.value = now.exempt;
    typedOn.value = now.rev;
  };
  const send = async (): Promise<string> => {
    // After one's own change the page may not have been read anew yet.
    const body = { bound: boundOf(bound.value), exempt: exempt.value, rev: Math.max(policy.rev, typedOn.value) };
    await orReload(store.api.write<Policy>(PATH, body, "PUT").then(take), reload);
    reload();
    return "Set. It is on the record.";
  };
  return (
    <details>
      <summary>Change the bound or the list</summary>
      {policy.rev > typedOn.value && (
        <div class="inset" role="status">
          <p>Somebody else has changed it meanwhile. What is set now stands above, what you typed below: to send it puts it in the place of theirs.</p>
          <button type="button" class="button" onClick={() => take(policy)}>Take what is set now, and drop what I typed</button>
        </div>
      )}
      <Form action="Set it for every incident" check={() => policyErrors(bound.value, pending.value)} send={send}>
        <TextField id="policy-bound" label="A second person agrees to orders over more posts than" hint={`A whole number from 1 to ${MOST_BOUND.toLocaleString("en-GB")}.`} value={bound.value} onChange={(value) => { bound.value = value; }} />
        <Listed exempt={exempt} />
        <Adding key={typedOn.value} exempt={exempt} pending={pending} />
      </Form>
    </details>
  );
}

function Listed({ exempt }: { exempt: Signal<readonly Exempt[]> }) {
  // The button that had the focus goes with its row.
  const drop = (gone: Exempt): void => {
    exempt.value = exempt.value.filter((one) => !sameAuthor(one, gone));
    document.getElementById("policy-list")?.focus();
  };
  return (
    <fieldset class="field" id="policy-list" tabIndex={-1}>
      <legend>Authors whom no order touches ({exempt.value.length} of {MOST_EXEMPT} at most)</legend>
      {exempt.value.length === 0 && <p class="quiet">Nobody.</p>}
      {exempt.value.map((one) => (
        <p key={rowOf(one)}>
          {nameOf(one)}, {platformName(one.platform)}{one.label === "" ? "" : `: ${one.label}`}{" "}
          <button type="button" class="button" onClick={() => drop(one)}>Take off<span class="unseen"> the list: {nameOf(one)}, {platformName(one.platform)}</span></button>
        </p>
      ))}
    </fieldset>
  );
}

function Adding({ exempt, pending }: { exempt: Signal<readonly Exempt[]>; pending: Signal<Author> }) {
  const problem = useSignal("");
  const added = useSignal("");
  const platforms = [...new Set([...store.accounts.value.map(({ platform }) => platform), ...exempt.value.map(({ platform }) => platform)])].sort();
  const chosen = pending.value.platform || (platforms[0] ?? "");
  const set = (part: Partial<Author>): void => {
    pending.value = { ...pending.value, ...part };
    problem.value = "";
  };
  const add = (): void => {
    const author = { ...pending.value, platform: chosen };
    problem.value = problemOf(author, exempt.value);
    added.value = "";
    document.getElementById("policy-who")?.focus();
    if (problem.value !== "") return;
    exempt.value = [...exempt.value, exemptOf(author)];
    pending.value = { ...NOBODY, platform: chosen };
    added.value = `${nameOf(exemptOf(author))} is on the list; it holds once it is set.`;
  };
  if (platforms.length === 0) return <p class="quiet">There is no account yet: authors can be listed once there is one.</p>;
  return (
    <fieldset class="field">
      <legend>Put somebody on the list</legend>
      <Select id="policy-platform" label="Platform" value={chosen} options={platforms.map((value) => ({ value, words: platformName(value) }))} onChange={(platform) => set({ platform })} />
      <TextField id="policy-who" label="Handle, or key of the author" hint="Where a platform tells no handle, such as Facebook, the key of 64 characters by which the records of their posts name the author." error={problem.value} value={pending.value.who} onChange={(who) => set({ who })} />
      <TextField id="policy-label" label="Why, or who it is" hint="Such as the paper they write for. It may be left empty." value={pending.value.label} onChange={(label) => set({ label })} />
      <button type="button" class="button" onClick={add}>Put on the list</button>
      <p role="status" class="form-done">{added.value}</p>
    </fieldset>
  );
}
