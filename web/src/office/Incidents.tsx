// Critical incidents: the list, opening one, and one opened: strategy, roles, orders, log book, jobs and report.
import { useSignal } from "@preact/signals";
import { store } from "../app";
import type { Named } from "../types";
import { lazy } from "../views/lazy";
import { longDate, shortDate, wallOf } from "../words/dates";
import { reasonName } from "../words/terms";
import { RoleFields, RolesForm, ScopeFields, ScopeForm, scopeOf } from "./IncidentSetup";
import { Form, Loaded, Page, Select, Table, TextField, may, useLoaded } from "./kit";
import { MatchFields } from "./MatchFields";
import { type Incident, type Job, type OpenDraft, matchOf, matchWords, nothing, openErrors, path } from "./incidentWords";

interface Summary { id: string; code: string; state: string; accounts: number; area: string; opened_at: string; closed_at: string | null }
interface Line { id: string; kind: "decision" | "claim"; at: string; by: Named; role: string | null; text: string; answer: string; source: string }
export interface View {
  incident: Incident; strategies: { version: number; text: string; at: string; by: Named }[]; entries: Line[]; jobs: Job[];
  people: Record<string, string>; bound: number; can: string[];
}

const Jobs = lazy(() => import("./IncidentJobs"));
const Policy = lazy(() => import("./IncidentPolicy"));

export default function Incidents() {
  const open = useSignal("");
  const read = useLoaded<{ incidents: Summary[] }>("/incidents");
  if (open.value !== "") return <One id={open.value} back={() => { open.value = ""; read.reload(); }} />;
  return (
    <Page title="Incidents" lead="A critical incident: one strategy, one log book, and many posts hidden by one order.">
      <Loaded of={read}>
        {({ incidents }) => (
          <Table caption="Incidents, newest first" rows={incidents} id={({ id }) => id} none="There is no incident."
            columns={[
              { name: "Code name", cell: ({ id, code }) => <button type="button" class="as-link" onClick={() => { open.value = id; }}>{code}</button> },
              { name: "State", cell: ({ state }) => state },
              { name: "Area", cell: ({ area }) => area },
              { name: "Opened", cell: ({ opened_at }) => shortDate(opened_at) },
              { name: "Accounts", number: true, cell: ({ accounts }) => accounts },
            ]} />
        )}
      </Loaded>
      {may("incident") && <Opening done={(id) => { open.value = id; }} />}
      <Policy />
    </Page>
  );
}

function Opening({ done }: { done: (id: string) => void }) {
  const me = store.me.value?.person;
  const draft = useSignal<OpenDraft>({
    code: "", accounts: [], words: "", area: "", begin: wallOf(new Date().toISOString()), end: "", strategy: "", roles: { gold: me === undefined ? [] : [me.id], silver: [], bronze: [] },
  });
  const names = useSignal<Record<string, string>>(me === undefined ? {} : { [me.id]: me.name });
  const set = (change: Partial<OpenDraft>): void => { draft.value = { ...draft.value, ...change }; };
  const { code, strategy, roles } = draft.value;
  const send = async (): Promise<string> => {
    const made = await store.api.write<Incident>("/incidents", { code: code.trim(), scope: scopeOf(draft.value), roles, strategy: strategy.trim() });
    done(made.id);
    return "";
  };
  return (
    <section aria-labelledby="incident-new">
      <h3 id="incident-new">Open an incident</h3>
      <Form action="Open the incident" check={() => openErrors(draft.value)} send={send}>
        <TextField id="incident-code" label="Code name" hint="No names of people." value={code} onChange={(value) => set({ code: value })} />
        <ScopeFields draft={draft.value} set={set} />
        <RoleFields roles={roles} names={names.value} set={(next, known) => { names.value = { ...names.value, ...known }; set({ roles: next }); }} />
        <TextField id="incident-strategy" label="Strategy" rows={6} value={strategy} onChange={(value) => set({ strategy: value })} />
      </Form>
    </section>
  );
}

function One({ id, back }: { id: string; back: () => void }) {
  const read = useLoaded<View>(path(id));
  return (
    <Page title="Incident">
      <button type="button" class="as-link" onClick={back}>All incidents</button>
      <Loaded of={read}>{(view) => <Shown view={view} reload={read.reload} />}</Loaded>
    </Page>
  );
}

function Shown({ view, reload }: { view: View; reload: () => void }) {
  const { incident, strategies, people, can } = view;
  const latest = strategies.at(-1);
  const open = incident.state === "open";
  const names = (ids: string[]): string => ids.map((one) => people[one] ?? one).join(", ") || "nobody";
  return (
    <>
      <h3>{incident.code}: {incident.state}</h3>
      <p>{incident.scope.area === "" ? "" : `${incident.scope.area}. `}Posts from {longDate(incident.scope.begin)}{incident.scope.end === null ? "" : ` until ${longDate(incident.scope.end)}`}. Opened on {longDate(incident.opened_at)} by {incident.opened_by.name}; {incident.scope.accounts.length} accounts{incident.scope.words.length > 0 ? `, words: ${incident.scope.words.join(", ")}` : ", all posts"}.</p>
      <p>Gold: {names(incident.roles.gold)}. Silver: {names(incident.roles.silver)}. Bronze: {names(incident.roles.bronze)}.</p>
      <h4>Strategy, version {incident.strategy}</h4>
      {latest !== undefined && <blockquote class="quoted"><p class="note-text">{latest.text}</p><p class="quiet">{latest.by.name}, {longDate(latest.at)}</p></blockquote>}
      {strategies.length > 1 && (
        <details><summary>Earlier versions</summary>{strategies.slice(0, -1).map((one) => <p key={one.version} class="note-text">{one.version}: {one.text} ({one.by.name}, {shortDate(one.at)})</p>)}</details>
      )}
      {open && can.includes("incident") && <ScopeForm one={incident} people={people} reload={reload} />}
      {open && can.includes("incident") && <RolesForm one={incident} people={people} reload={reload} />}
      {open && can.includes("incident") && <Commands one={incident} can={can} reload={reload} />}
      <Jobs view={view} reload={reload} />
      <Log view={view} reload={reload} />
      <Report id={incident.id} />
    </>
  );
}

function Commands({ one, can, reload }: { one: Incident; can: string[]; reload: () => void }) {
  const text = useSignal("");
  const slow = useSignal(String(one.slow));
  const chosen = useSignal(nothing());
  const act = (tail: string, body: object, said: string, method: "POST" | "PUT" = "POST") => async (): Promise<string> => {
    await store.api.write(`${path(one.id)}/${tail}`, { ...body, rev: one.rev }, method);
    text.value = "";
    reload();
    return said;
  };
  const match = matchOf(chosen.value);
  const standing = one.standing;
  return (
    <section aria-labelledby="incident-orders">
      <h4 id="incident-orders">Orders</h4>
      <Form action="Record the new strategy" send={act("strategy", { text: text.value.trim() }, "Recorded.")}
        check={() => (text.value.trim() === "" ? [{ field: "incident-next", text: "Enter the strategy, whole" }] : [])}>
        <TextField id="incident-next" label="Next version of the strategy" rows={5} value={text.value} onChange={(value) => { text.value = value; }} />
      </Form>
      <Form action="Set it" send={act("slow", { seconds: Number(slow.value) }, "Set.", "PUT")}>
        <Select id="incident-slow" label="Answers in scope wait before they are sent" value={slow.value} onChange={(value) => { slow.value = value; }}
          options={["0", "30", "60", "300", "600"].map((value) => ({ value, words: value === "0" ? "not at all" : `${value} seconds` }))} />
      </Form>
      <p class="quiet">No platform here lets its comments be closed. The standing rule hides what comes instead, until somebody has reviewed it.</p>
      {standing === null && can.includes("bulk") && (
        <Form action="Propose the standing rule" send={act("standing", { step: "propose", match }, "Proposed: another person has to agree.")}
          check={() => (match === null ? [{ field: "incident-rule-words", text: "Enter words, or choose what new posts are hidden" }] : [])}>
          <p>New posts are hidden pending review:</p>
          <MatchFields id="incident-rule" of={chosen} />
        </Form>
      )}
      {standing !== null && (
        <div class="inset">
          <p>Standing rule, {standing.state === "in_force" ? `in force; agreed by ${standing.agreed_by?.name ?? ""}` : "waits for a second person"}: {matchWords(standing.match, reasonName)}. Ordered by {standing.by.name}.</p>
          {standing.state === "proposed" && can.includes("approve_bulk") && standing.by.id !== store.me.value?.person.id
            && <Form action="Agree to the rule" danger send={act("standing", { step: "agree" }, "In force.")} />}
          {can.includes("bulk") && <Form action="End the rule" send={act("standing", { step: "end" }, "Ended. What is hidden stays hidden.")} />}
        </div>
      )}
      <Form action={one.paused ? "Let publications go on" : "Pause publications"} send={act("publishing", { pause: !one.paused }, "Done.", "PUT")} />
      <Form action="Close the incident" danger send={act("close", {}, "Closed.")} />
    </section>
  );
}

function Log({ view, reload }: { view: View; reload: () => void }) {
  const kind = useSignal("decision");
  const text = useSignal("");
  const answer = useSignal("");
  const source = useSignal("");
  const send = async (): Promise<string> => {
    await store.api.write(`${path(view.incident.id)}/log`, { kind: kind.value, text: text.value.trim(), answer: answer.value.trim(), source: source.value.trim() });
    text.value = answer.value = source.value = "";
    reload();
    return "Written. It cannot be changed.";
  };
  return (
    <section aria-labelledby="incident-log">
      <h4 id="incident-log">Log book</h4>
      <Table caption="Decisions and false claims, the oldest first" rows={view.entries} id={({ id }) => id} none="Nothing is written yet."
        columns={[
          { name: "When and who", cell: ({ at, by, role }) => `${longDate(at)}, ${by.name}${role === null ? "" : ` (${role})`}` },
          { name: "What", cell: (line) => <span class="note-text">{line.kind === "claim" ? `False claim: ${line.text}` : line.text}</span> },
          { name: "Answer and source", cell: ({ answer: said, source: from }) => [said, from].filter(Boolean).join("; ") },
        ]} />
      {view.incident.state === "open" && view.can.includes("log") && (
        <Form action="Write it down" send={send} check={() => (text.value.trim() === "" ? [{ field: "incident-line", text: "Enter what was decided or claimed" }] : [])}>
          <Select id="incident-kind" label="What it is" value={kind.value} onChange={(value) => { kind.value = value; }}
            options={[{ value: "decision", words: "A decision, with its reasons" }, { value: "claim", words: "A false claim, and the answer to it" }]} />
          <TextField id="incident-line" label={kind.value === "claim" ? "The claim" : "The decision"} rows={3} value={text.value} onChange={(value) => { text.value = value; }} />
          {kind.value === "claim" && <TextField id="incident-answer" label="What is answered" rows={2} value={answer.value} onChange={(value) => { answer.value = value; }} />}
          {kind.value === "claim" && <TextField id="incident-source" label="By which source" value={source.value} onChange={(value) => { source.value = value; }} />}
        </Form>
      )}
    </section>
  );
}

function Report({ id }: { id: string }) {
  const wanted = useSignal(false);
  const read = useLoaded<{ minutes: number; figures: Record<string, number> }>(wanted.value ? `${path(id)}/report` : null);
  return (
    <section aria-labelledby="incident-report">
      <h4 id="incident-report">Report</h4>
      {!wanted.value && <button type="button" class="button" onClick={() => { wanted.value = true; }}>Show the report in figures</button>}
      <Loaded of={read}>
        {({ minutes, figures }) => (
          <Table caption={`Figures after ${minutes} minutes`} rows={Object.entries(figures)} id={([name]) => name} none="No figures."
            columns={[{ name: "What", cell: ([name]) => name.replaceAll("_", " ") }, { name: "Number", number: true, cell: ([, n]) => n }]} />
        )}
      </Loaded>
    </section>
  );
}
