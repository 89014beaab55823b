// What the force's own groups give: one list in order, changed here as a draft and put in force as a whole.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { store } from "../app";
import { longDate } from "../words/dates";
import { type Mapping, type Rule, idOf, moved, nameOf, same, standing, teamsOf, warningsOf, withRule, wrongWith } from "./groupRules";
import { Form, Loaded, Page, Select, Table, TextField, useLoaded } from "./kit";
import { ROLE_OPTIONS, roleAlone } from "./people";

const ROLES = ROLE_OPTIONS.filter(({ value }) => value !== "");

export default function Groups() {
  const read = useLoaded<Mapping>("/groups");
  const said = useSignal("");
  return (
    <Page title="Groups" lead="What the groups of the force’s directory give here, from the next sign-in on. The first rule that names a group of somebody gives their role; their teams are those of all their groups that give the same role. For whoever sets the list it holds once another administrator has confirmed it.">
      <p role="status">{said.value}</p>
      <Loaded of={read}>
        {(mapping) => <Draft key={mapping.rev} mapping={mapping} reload={read.reload} say={(words) => { said.value = words; }} />}
      </Loaded>
    </Page>
  );
}

interface DraftProps { mapping: Mapping; reload: () => void; say: (words: string) => void }

function Draft({ mapping, reload, say }: DraftProps) {
  const rules = useSignal<readonly Rule[]>(mapping.rules);
  const open = useSignal<string | null>(null);
  const changed = !same(rules.value, mapping.rules);
  const warnings = warningsOf(rules.value, new Set(store.accounts.value.map(({ team }) => team)));
  const draw = (next: readonly Rule[], words: string): void => {
    rules.value = next;
    say(`${words} Nothing is in force yet.`);
  };
  const move = (at: number, by: -1 | 1) => (): void => {
    const next = moved(rules.value, at, by);
    if (next !== rules.value) draw(next, `Moved to place ${at + by + 1}.`);
  };
  const remove = (rule: Rule) => (): void => {
    open.value = null;
    draw(rules.value.filter((one) => one !== rule), `${nameOf(rule)} is taken off the list.`);
    document.getElementById("groups-title")?.focus(); // the button is gone
  };
  const discard = (): void => {
    rules.value = mapping.rules;
    open.value = null;
    say("Your changes are gone.");
    document.getElementById("groups-title")?.focus();
    reload(); // another revision may stand by now
  };
  const send = async (): Promise<string> => {
    await store.api.write("/groups", { rules: rules.value, rev: mapping.rev }, "PUT");
    say("In force from the next sign-in on.");
    reload();
    return "";
  };
  const confirm = async (): Promise<string> => {
    await store.api.write("/groups", { rules: mapping.rules, rev: mapping.rev }, "PUT");
    say("Confirmed: it holds for everybody from the next sign-in on.");
    reload();
    return "";
  };
  const word = standing(mapping, store.me.value?.person.id ?? "");
  const one = rules.value.find((rule) => idOf(rule) === open.value);
  return (
    <section aria-labelledby="groups-title">
      <h3 id="groups-title" tabIndex={-1}>{changed ? "Your draft" : `Revision ${mapping.rev}`}</h3>
      {mapping.changed_at !== null && <p class="quiet">Changed last on {longDate(mapping.changed_at)}. The record has the list by its hash, <code>{mapping.sha256.slice(0, 16)}…</code></p>}
      {word === "mine" && <p class="inset">You set this list. For yourself it holds once another administrator has confirmed it.</p>}
      {word === "theirs" && !changed && (
        <div class="inset">
          <Form action="Confirm this list" send={confirm}>
            <p>Another administrator set this list. For them it holds once you confirm it; look at every rule first.</p>
          </Form>
        </div>
      )}
      {warnings.map((words) => <p key={words} class="inset"><strong>Take care:</strong> {words}</p>)}
      <Table
        caption={`${rules.value.length} rules, in order`} rows={rules.value} id={idOf} none="There are no rules."
        columns={[
          { name: "Group", cell: (rule) => <button type="button" class="as-link" onClick={() => { open.value = idOf(rule); }}>{nameOf(rule)}</button> },
          { name: "Object id", cell: ({ group }) => <code>{group}</code> },
          { name: "Role", cell: ({ role }) => roleAlone(role) },
          { name: "Teams", cell: ({ teams }) => teams.join(", ") || "–" },
          { name: "Place", cell: (rule) => <Place rule={rule} at={rules.value.indexOf(rule)} last={rules.value.length - 1} move={move} remove={remove(rule)} /> },
        ]}
      />
      {changed && (
        <div class="inset">
          <Form action="Put this list in force" send={send}>
            <p>Nobody who is signed in is changed by it: it holds when they sign in the next time. The change is recorded.</p>
          </Form>
          <button type="button" class="button" onClick={discard}>Discard my changes and read the list again</button>
        </div>
      )}
      <Edit
        key={one === undefined ? "new" : idOf(one)} old={one} rules={rules.value} close={() => { open.value = null; }}
        done={(rule) => {
          draw(withRule(rules.value, rule, one === undefined ? null : idOf(one)), one === undefined ? `${nameOf(rule)} is added at the end.` : `${nameOf(rule)} is changed.`);
          open.value = null;
        }}
      />
    </section>
  );
}

interface PlaceProps { rule: Rule; at: number; last: number; move: (at: number, by: -1 | 1) => () => void; remove: () => void }

function Place({ rule, at, last, move, remove }: PlaceProps) {
  const which = <span class="unseen"> {nameOf(rule)} as {roleAlone(rule.role)}</span>;
  return (
    <>
      <button type="button" class="button" aria-disabled={at === 0 || undefined} onClick={move(at, -1)}>Up{which}</button>{" "}
      <button type="button" class="button" aria-disabled={at === last || undefined} onClick={move(at, 1)}>Down{which}</button>{" "}
      <button type="button" class="button" onClick={remove}>Remove{which}</button>
    </>
  );
}

interface EditProps { old: Rule | undefined; rules: readonly Rule[]; done: (rule: Rule) => void; close: () => void }

function Edit({ old, rules, done, close }: EditProps) {
  const group = useSignal(old?.group ?? "");
  const label = useSignal(old?.label ?? "");
  const role = useSignal(old?.role ?? "local");
  const teams = useSignal(old?.teams.join(", ") ?? "");
  useEffect(() => { if (old !== undefined) document.getElementById("group-name")?.focus(); }, []);
  const rule = (): Rule => ({ group: group.value.trim().toLowerCase(), label: label.value.trim() || null, role: role.value, teams: teamsOf(teams.value) });
  const send = async (): Promise<string> => {
    done(rule());
    [group.value, label.value, teams.value] = ["", "", ""];
    return "";
  };
  return (
    <section aria-labelledby="group-edit">
      <h4 id="group-edit">{old === undefined ? "Add a rule" : `Change what ${nameOf(old)} gives`}</h4>
      <Form action={old === undefined ? "Add to the draft" : "Change in the draft"} check={() => wrongWith(rule(), rules, old === undefined ? null : idOf(old))} send={send}>
        <TextField id="group-name" label="Object id of the group" hint="From the directory. Its name is not enough: in many directories anybody may choose one" value={group.value} onChange={(value) => { group.value = value; }} />
        <TextField id="group-label" label="Name (optional)" hint="For people to read; it decides nothing" value={label.value} onChange={(value) => { label.value = value; }} />
        <Select id="group-role" label="Role" value={role.value} options={ROLES} onChange={(value) => { role.value = value; }} />
        <TextField id="group-teams" label="Teams" hint="With commas between them; for local officers and supervisors at least one" value={teams.value} onChange={(value) => { teams.value = value; }} />
      </Form>
      {old !== undefined && <button type="button" class="button" onClick={close}>Leave it as it is</button>}
    </section>
  );
}
