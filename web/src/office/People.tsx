// The people of the force, for whoever manages them: found by name, role and status, shut out, let in, signed out, and
// brought by a file that is tried first.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { store } from "../app";
import { longDate, shortDate } from "../words/dates";
import { REFERENCE } from "../words/terms";
import { Form, Loaded, Page, Select, Table, TextField, useLoaded } from "./kit";
import {
  type ImportReport, type PersonDetail, type PersonLine, type PersonPage, type Sifted, type SignIn,
  REASON_OPTIONS, ROLE_OPTIONS, STATUS, STATUS_OPTIONS, inForce, listPath, reported, roleAlone,
} from "./people";

const path = (id: string, rest = ""): string => `/people/${encodeURIComponent(id)}${rest}`;

export default function People() {
  const asked = useSignal<Sifted>({ name: "", role: "", status: "" });
  const cursors = useSignal<string[]>([]);
  const open = useSignal<string | null>(null);
  const list = useLoaded<PersonPage>(listPath(asked.value, cursors.value.at(-1) ?? null));
  if (open.value !== null) {
    return <OnePerson id={open.value} onBack={() => { open.value = null; list.reload(); }} />;
  }
  return (
    <Page title="People" lead="Everybody who may sign in, or might once. Looking at this list is recorded.">
      <Sift onAsk={(sifted) => { cursors.value = []; asked.value = sifted; }} />
      <Loaded of={list}>
        {({ people, next }) => (
          <>
            <Table<PersonLine>
              caption={cursors.value.length === 0 ? "People by name" : `People by name, page ${cursors.value.length + 1}`}
              rows={people}
              id={(one) => one.id}
              none="Nobody fits. Ask for less."
              columns={[
                { name: "Name", cell: (one) => <button type="button" class="as-link" data-testid="open-person" onClick={() => { open.value = one.id; }}>{one.name}</button> },
                { name: "Address", cell: (one) => one.email },
                { name: "Role", cell: (one) => roleAlone(one.role) },
                { name: "Teams", cell: (one) => one.teams.join(", ") || "–" },
                { name: "Status", cell: (one) => STATUS[one.status] ?? one.status },
                { name: "Last sign-in", cell: (one) => (one.last_login_at === null ? "Never" : shortDate(one.last_login_at)) },
              ]}
            />
            {cursors.value.length > 0 && <button type="button" class="button" onClick={() => { cursors.value = cursors.value.slice(0, -1); }}>Previous page</button>}
            {next !== null && <button type="button" class="button" onClick={() => { cursors.value = [...cursors.value, next]; }}>Next page</button>}
          </>
        )}
      </Loaded>
      <Bring onBrought={list.reload} />
    </Page>
  );
}

function Sift({ onAsk }: { onAsk: (sifted: Sifted) => void }) {
  const sifted = useSignal<Sifted>({ name: "", role: "", status: "" });
  const set = (change: Partial<Sifted>): void => { sifted.value = { ...sifted.value, ...change }; };
  return (
    <form class="office-form" role="search" onSubmit={(event) => { event.preventDefault(); onAsk(sifted.value); }}>
      <TextField id="people-name" label="Name or address" type="search" value={sifted.value.name} onChange={(name) => set({ name })} />
      <Select id="people-role" label="Role" value={sifted.value.role} options={ROLE_OPTIONS} onChange={(role) => set({ role })} />
      <Select id="people-status" label="Status" value={sifted.value.status} options={STATUS_OPTIONS} onChange={(status) => set({ status })} />
      <button type="submit" class="button primary">Find</button>
    </form>
  );
}

function OnePerson({ id, onBack }: { id: string; onBack: () => void }) {
  const person = useLoaded<PersonDetail>(path(id));
  const signIns = useLoaded<{ sessions: SignIn[] }>(path(id, "/sessions"));
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => back.current?.focus(), []);
  const changed = (): void => {
    person.reload();
    signIns.reload();
    // The form that was sent goes away with what it changed.
    back.current?.focus();
  };
  const signOut = async (): Promise<string> => {
    await store.api.write(path(id, "/sessions"), {}, "DELETE");
    changed();
    return "Signed out everywhere.";
  };
  return (
    <Page title={person.value?.name ?? "Person"}>
      <button ref={back} type="button" class="button" onClick={onBack}>Back to the list</button>
      <Loaded of={person}>
        {(one) => (
          <>
            <p role="status" data-testid="person-status">
              <strong>{STATUS[one.status] ?? one.status}</strong>. {roleAlone(one.role)}
              {one.teams.length > 0 && `, ${one.teams.join(", ")}`}. {one.email}.{" "}
              {one.last_login_at === null ? "Never signed in." : `Last signed in ${longDate(one.last_login_at)}.`}
            </p>
            <Table
              caption="Access for a time"
              rows={one.access}
              id={(given) => given.id}
              none="No access for a time is in force or to come."
              columns={[
                { name: "Account", cell: (given) => given.account },
                { name: "To", cell: (given) => (given.gives === "desk" ? "Work there" : "Read alone") },
                { name: "Now", cell: (given) => (inForce(given, new Date()) ? "In force" : "To come") },
                { name: "From", cell: (given) => longDate(given.begins_at) },
                { name: "Until", cell: (given) => longDate(given.ends_at) },
              ]}
            />
            {one.status === "active" && <Suspend id={id} onDone={changed} />}
            {one.status === "suspended" && <Resume id={id} onDone={changed} />}
          </>
        )}
      </Loaded>
      <Loaded of={signIns}>
        {({ sessions }) => (
          <>
            <Table
              caption="Open sign-ins"
              rows={sessions}
              id={(one) => one.id}
              none="Nobody is signed in as this person."
              columns={[
                { name: "Kind", cell: (one) => `${one.kind === "browser" ? "Browser" : "Token"}${one.this ? " (this one)" : ""}` },
                { name: "Since", cell: (one) => longDate(one.since) },
                { name: "Until", cell: (one) => longDate(one.until) },
              ]}
            />
            {sessions.length > 0 && <Form action="Sign out everywhere" send={signOut} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Suspend({ id, onDone }: { id: string; onDone: () => void }) {
  const reason = useSignal("");
  const ref = useSignal("");
  const check = () => [
    ...(reason.value === "" ? [{ field: "suspend-reason", text: "Choose why they are suspended" }] : []),
    ...(ref.value !== "" && !REFERENCE.test(ref.value) ? [{ field: "suspend-ref", text: "The number of a file has a digit in it, and no spaces" }] : []),
  ];
  const send = async (): Promise<string> => {
    await store.api.write(path(id, "/suspend"), { reason: reason.value, ...(ref.value === "" ? {} : { ref: ref.value }) });
    onDone();
    return "Suspended.";
  };
  return (
    <section aria-labelledby="suspend-title">
      <h3 id="suspend-title">Suspend</h3>
      <p>They are shut out with their next request, and their open pages close within a minute. The reason is recorded.</p>
      <Form action="Suspend" danger check={check} send={send}>
        <Select id="suspend-reason" label="Reason" value={reason.value} options={REASON_OPTIONS} onChange={(value) => { reason.value = value; }} />
        <TextField id="suspend-ref" label="Number of a file (optional)" hint="Such as WP/2026/1234" value={ref.value} onChange={(value) => { ref.value = value.trim(); }} />
      </Form>
    </section>
  );
}

function Resume({ id, onDone }: { id: string; onDone: () => void }) {
  const send = async (): Promise<string> => {
    await store.api.write(path(id, "/resume"), {});
    onDone();
    return "They may sign in again.";
  };
  return (
    <section aria-labelledby="resume-title">
      <h3 id="resume-title">Let them in again</h3>
      <p>They sign in anew: no old sign-in comes back.</p>
      <Form action="Let them in again" send={send} />
    </section>
  );
}

function Bring({ onBrought }: { onBrought: () => void }) {
  const csv = useSignal("");
  const newTeams = useSignal(false);
  const report = useSignal<ImportReport | null>(null);
  const check = () => (csv.value === "" ? [{ field: "people-file", text: "Choose a CSV file" }] : []);
  const bring = (dry: boolean) => async (): Promise<string> => {
    report.value = await store.api.write<ImportReport>("/people/import", { csv: csv.value, dry_run: dry, new_teams: newTeams.value });
    if (report.value.applied) {
      csv.value = "";
      onBrought();
    }
    return "";
  };
  const take = async (input: HTMLInputElement): Promise<void> => {
    report.value = null;
    csv.value = (await input.files?.[0]?.text()) ?? "";
  };
  const tried = report.value !== null && !report.value.applied && report.value.bad === 0;
  return (
    <section aria-labelledby="bring-title">
      <h3 id="bring-title">As a file</h3>
      <p><a href="/api/people/export" download="people.csv">Take everybody out as a CSV file</a>. It names officers: keep it no longer than you need it.</p>
      <Form action="Try the file" check={check} send={bring(true)}>
        <div class="field">
          <label for="people-file">Bring a CSV file</label>
          <p class="quiet" id="people-file-hint">Nothing is written until it was tried. Who is not in it stays as they are.</p>
          <input id="people-file" type="file" accept=".csv,text/csv" aria-describedby="people-file-hint" onChange={(event) => void take(event.currentTarget)} />
        </div>
        <label class="check">
          <input type="checkbox" checked={newTeams.value} onChange={(event) => { newTeams.value = event.currentTarget.checked; report.value = null; }} />
          Take teams that nobody and no account belongs to yet
        </label>
      </Form>
      <p role="status" data-testid="people-report">{report.value === null ? "" : reported(report.value)}</p>
      {report.value !== null && report.value.findings.length > 0 && (
        <Table
          caption="Lines that are wrong"
          rows={report.value.findings}
          id={(one) => `${one.line}-${one.column}`}
          none=""
          columns={[
            { name: "Line", cell: (one) => one.line, number: true },
            { name: "Column", cell: (one) => one.column || "–" },
            { name: "What is wrong", cell: (one) => one.problem },
          ]}
        />
      )}
      {tried && <Form action="Bring these people" send={bring(false)} />}
    </section>
  );
}
