// The Force Media Guide: read and acknowledged, one's own training; for those who keep it, versions, courses, who lacks what.
import { useSignal } from "@preact/signals";
import { store } from "../app";
import type { GateState } from "../types";
import { Form, Loaded, may, Page, Table, TextField, useLoaded } from "./kit";

export interface Version { version: string; effective_from: string; kind: "text" | "pdf"; sha256: string; length: number; state: "over" | "in_force" | "to_come" }
export interface Training { course: string; on: string; until: string }
interface Overview {
  current: Version | null;
  versions: Version[];
  courses: string[];
  rev: number;
  mine: { acknowledged: { version: string; at: string }[]; training: Training[]; gate: GateState };
}
interface Content { guide: Version; blocks: { kind: "heading" | "paragraph" | "item"; text: string }[]; parts: number }
export interface Lacking {
  id: string; name: string; email: string; acknowledged: string | null;
  guide_missing: boolean; training_missing: string[]; training_expired: Training[]; training_expiring: Training[];
}
interface Missing { day: string; guide: string | null; people: number; missing: Lacking[] }

const STATES: Record<Version["state"], string> = { over: "Over", in_force: "In force", to_come: "To come" };
export const day = (iso: string): string => new Date(`${iso.slice(0, 10)}T12:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });

/** What somebody lacks, in words; what runs out soon is said last. */
export function lacks(one: Lacking): string {
  return [
    one.guide_missing ? "guide not acknowledged" : "",
    ...one.training_missing.map((course) => `no training ${course}`),
    ...one.training_expired.map(({ course, until }) => `${course} ran out on ${day(until)}`),
    ...one.training_expiring.map(({ course, until }) => `${course} runs out on ${day(until)}`),
  ].filter(Boolean).join("; ");
}

/** The version to read: the one in force, or before the first holds the next to come. */
export const toRead = (found: { current: Version | null; versions: Version[] }): Version | null =>
  found.current ?? found.versions.filter(({ state }) => state === "to_come").at(-1) ?? null;

export default function Guide() {
  const overview = useLoaded<Overview>("/guide");
  const chosen = useSignal("");
  return (
    <Page title="Force Media Guide" lead="Whoever hides, deletes, answers or closes posts has read and acknowledged the guide in force, and has the training that the force asks for. Reading, notes and flags need neither.">
      <Loaded of={overview}>
        {(found) => {
          const version = chosen.value || (toRead(found)?.version ?? "");
          return (
            <>
              <Gate gate={found.mine.gate} />
              {version === ""
                ? <p class="inset">No guide is published yet.</p>
                : <Reader key={version} version={version} at={found.mine.acknowledged.find((one) => one.version === version)?.at ?? null} done={overview.reload} />}
              <Table caption="Versions" rows={found.versions} id={(one) => one.version} none="No guide is published yet." columns={[
                { name: "Version", cell: (one) => one.version },
                { name: "State", cell: (one) => STATES[one.state] },
                { name: "Holds from", cell: (one) => day(one.effective_from) },
                { name: "Acknowledged by you", cell: (one) => acknowledgedAt(found, one.version) },
                { name: "Open", cell: (one) => <button type="button" class="button" onClick={() => { chosen.value = one.version; }}>Read<span class="unseen"> version {one.version}</span></button> },
              ]} />
              <Table caption="Your training" rows={found.mine.training} id={(one) => `${one.course} ${one.on}`} none="No training is entered for you." columns={[
                { name: "Course", cell: ({ course }) => course },
                { name: "Taken on", cell: ({ on }) => day(on) },
                { name: "Counts until", cell: ({ until }) => day(until) },
              ]} />
              {may("guide") && <Keep courses={found.courses} rev={found.rev} done={overview.reload} />}
              {may("training") && <Who courses={found.courses} />}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function acknowledgedAt(found: Overview, version: string): string {
  const at = found.mine.acknowledged.find((one) => one.version === version)?.at;
  return at === undefined ? "No" : day(at);
}

function Gate({ gate }: { gate: GateState }) {
  return gate.open ? <p class="inset">You may act: nothing is missing.</p> : <p class="inset error"><strong>You cannot act yet.</strong> {gate.detail}</p>;
}

function Reader({ version, at, done }: { version: string; at: string | null; done: () => void }) {
  const content = useLoaded<Content>(`/guide/${version}`);
  const read = useSignal(false);
  return (
    <section aria-label={`Force Media Guide ${version}`}>
      <h3>Force Media Guide {version}</h3>
      <Loaded of={content}>
        {({ guide, blocks, parts }) => (
          <>
            {guide.kind === "pdf" ? <Fetch guide={guide} parts={parts} /> : blocks.map((block, index) => <Words key={index} {...block} />)}
            {at !== null && <p class="inset">You acknowledged this version on {day(at)}.</p>}
            {at === null && guide.state !== "over" && (
              <Form action="Acknowledge this version"
                check={() => (read.value ? [] : [{ field: "guide-read", text: "Tick that you have read the guide" }])}
                send={async () => {
                  await store.api.write(`/guide/${version}/acknowledge`, { sha256: guide.sha256 });
                  store.me.value = await store.api.me();
                  done();
                  return "Acknowledged and recorded.";
                }}>
                <label class="check" for="guide-read">
                  <input id="guide-read" type="checkbox" checked={read.value} onChange={(event) => { read.value = event.currentTarget.checked; }} />
                  I have read this version of the guide and will keep to it
                </label>
              </Form>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}

function Words({ kind, text }: Content["blocks"][number]) {
  if (kind === "heading") return <h4>{text}</h4>;
  return <p>{kind === "item" ? `• ${text}` : text}</p>;
}

/** A PDF comes in parts through the API, is compared with its recorded digest, and is then saved like any file. */
function Fetch({ guide, parts }: { guide: Version; parts: number }) {
  return (
    <Form action={`Save the PDF (${Math.ceil(guide.length / 1024)} KB)`} send={async () => {
      const bytes: Uint8Array<ArrayBuffer>[] = [];
      for (let part = 0; part < parts; part += 1) {
        const { base64 } = await store.api.read<{ base64: string }>(`/guide/${guide.version}/bytes?part=${part}`);
        bytes.push(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
      }
      const file = new Blob(bytes, { type: "application/pdf" });
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
      if (found !== guide.sha256) return "What came is not what was published. Nothing was saved: tell your administrator.";
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      link.download = `media-guide-${guide.version}.pdf`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      return "Saved. It is, byte for byte, what was published.";
    }} />
  );
}

function Keep({ courses, rev, done }: { courses: string[]; rev: number; done: () => void }) {
  const version = useSignal("");
  const since = useSignal("");
  const text = useSignal("");
  const asked = useSignal(courses.join(" "));
  return (
    <section aria-label="Publish and ask">
      <h3>Publish a version</h3>
      <Form action="Publish and tell everybody"
        check={() => [
          ...(/^20\d\d\.[1-9]\d{0,2}$/.test(version.value) ? [] : [{ field: "guide-version", text: "Enter a version: the year and a number in it, like 2026.1" }]),
          ...(since.value === "" ? [{ field: "guide-since", text: "Enter the day from which everybody needs it" }] : []),
          ...(text.value.trim() === "" ? [{ field: "guide-text", text: "Enter the words of the guide" }] : []),
        ]}
        send={async () => {
          await store.api.write("/guide", { version: version.value, effective_from: since.value, text: text.value });
          done();
          return `Version ${version.value} is published, and everybody is told.`;
        }}>
        <TextField id="guide-version" label="Version" hint="Like 2026.1. A version is never changed afterwards." value={version.value} onChange={(value) => { version.value = value; }} />
        <TextField id="guide-since" label="Holds from" type="date" value={since.value} onChange={(value) => { since.value = value; }} />
        <TextField id="guide-text" label="Words of the guide" rows={10} hint="# begins a heading, - an item. A PDF is published with: bluelamp admin guide publish" value={text.value} onChange={(value) => { text.value = value; }} />
      </Form>
      <h3>Courses that whoever acts needs</h3>
      <Form action="Ask for these courses" send={async () => {
        await store.api.write("/guide/asked", { courses: asked.value.split(/[\s,]+/).filter(Boolean), rev }, "PUT");
        done();
        return "From now on these courses are asked for.";
      }}>
        <TextField id="guide-courses" label="Short names of courses" hint="Parted by spaces; leave it empty to ask for no training." value={asked.value} onChange={(value) => { asked.value = value; }} />
      </Form>
    </section>
  );
}

function Who({ courses }: { courses: string[] }) {
  const report = useLoaded<Missing>("/guide/missing");
  const person = useSignal("");
  const course = useSignal(courses[0] ?? "");
  const on = useSignal("");
  const until = useSignal("");
  return (
    <section aria-label="Who lacks what">
      <h3>Who lacks what</h3>
      <Loaded of={report}>
        {({ people, missing }) => (
          <>
            <Table caption={`${missing.length} of ${people} people lack something, or will within a month`} rows={missing} id={({ id }) => id} none={`All ${people} people within your reach have everything.`} columns={[
              { name: "Name", cell: ({ name }) => name },
              { name: "E-mail", cell: ({ email }) => email },
              { name: "Lacks", cell: lacks },
              { name: "Enter training", cell: ({ id, name }) => <button type="button" class="button" onClick={() => { person.value = id; document.getElementById("training-course")?.focus(); }}>Choose<span class="unseen"> {name}</span></button> },
            ]} />
            <p><a href="/api/guide/missing/export" download>Save as CSV</a> (recorded as an export)</p>
            <h3>Enter training</h3>
            <Form action="Enter"
              check={() => [
                ...(person.value === "" ? [{ field: "training-person", text: "Choose a person in the table, or enter their id" }] : []),
                ...(course.value === "" ? [{ field: "training-course", text: "Enter the short name of the course" }] : []),
                ...(on.value === "" ? [{ field: "training-on", text: "Enter the day on which it was taken" }] : []),
                ...(until.value === "" ? [{ field: "training-until", text: "Enter the last day on which it counts" }] : []),
              ]}
              send={async () => {
                await store.api.write(`/people/${encodeURIComponent(person.value)}/training`, { course: course.value, on: on.value, until: until.value }, "PUT");
                report.reload();
                return "Entered and recorded.";
              }}>
              <TextField id="training-person" label="Person" hint={missing.find(({ id }) => id === person.value)?.name ?? "The id of the person"} value={person.value} onChange={(value) => { person.value = value; }} />
              <TextField id="training-course" label="Course" value={course.value} onChange={(value) => { course.value = value; }} />
              <TextField id="training-on" label="Taken on" type="date" value={on.value} onChange={(value) => { on.value = value; }} />
              <TextField id="training-until" label="Counts until" type="date" value={until.value} onChange={(value) => { until.value = value; }} />
            </Form>
          </>
        )}
      </Loaded>
    </section>
  );
}
