// Many posts by one order: a preview that says what is left alone and why, who has to agree, how far it is, and the way back.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { store } from "../app";
import type { PostSummary } from "../types";
import { reasonName } from "../words/terms";
import { Form, Select, Table } from "./kit";
import { MatchFields } from "./MatchFields";
import type { View } from "./Incidents";
import { type Job, ended, matchOf, moves, nothing, path, progressWords, stateWords, total, verbWords, whyWords } from "./incidentWords";

interface Preview { job: Job; examples: PostSummary[] }

const SOON_MS = 2_000;
const REASONS = ["abuse", "hate", "threat", "personal_data", "spam", "sub_judice", "impersonation", "other_rule"];
const STEPS: Readonly<Record<string, string>> = { agree: "Agree", refuse: "Refuse", pause: "Pause", resume: "Go on", stop: "Stop for good" };
const counts = (of: Readonly<Record<string, number>>): string => Object.entries(of).map(([name, n]) => `${name} ${n}`).join(", ");

export default function Jobs({ view, reload }: { view: View; reload: () => void }) {
  const preview = useSignal<Preview | null>(null);
  const open = view.incident.state === "open";
  const may = view.can.includes("bulk");
  return (
    <section aria-labelledby="incident-jobs">
      <h4 id="incident-jobs">Many posts by one order</h4>
      {view.jobs.map((job) => <One key={job.id} first={job} reload={reload} />)}
      {view.jobs.length === 0 && <p class="quiet">Nothing was ordered yet.</p>}
      {preview.value !== null && <Previewed found={preview.value} bound={view.bound} leave={() => { preview.value = null; }} done={() => { preview.value = null; reload(); }} />}
      {preview.value === null && may && open && <Selecting id={view.incident.id} show={(found) => { preview.value = found; }} />}
      {preview.value === null && may && (
        <Form action="Preview showing all of it again" send={async () => {
          preview.value = await store.api.write<Preview>(`${path(view.incident.id)}/jobs`, { verb: "unhide" });
          return "";
        }} />
      )}
    </section>
  );
}

function Selecting({ id, show }: { id: string; show: (found: Preview) => void }) {
  const verb = useSignal("hide");
  const chosen = useSignal(nothing());
  const reason = useSignal(REASONS[0] ?? "");
  const match = matchOf(chosen.value);
  const send = async (): Promise<string> => {
    show(await store.api.write<Preview>(`${path(id)}/jobs`, { verb: verb.value, match, reason: { code: reason.value } }));
    return "";
  };
  return (
    <Form action="Preview" send={send} check={() => (match === null ? [{ field: "bulk-words", text: "Enter words, or choose every post" }] : [])}>
      <Select id="bulk-verb" label="What is to be done" value={verb.value} onChange={(value) => { verb.value = value; }} options={["hide", "delete"].map((value) => ({ value, words: verbWords(value) }))} />
      <MatchFields id="bulk" of={chosen} />
      <Select id="bulk-reason" label="Why" value={reason.value} onChange={(value) => { reason.value = value; }} options={REASONS.map((value) => ({ value, words: reasonName(value) }))} />
    </Form>
  );
}

interface PreviewedProps { found: Preview; bound: number; leave: () => void; done: () => void }

/** What would be done. The focus is on Cancel: nothing of this should happen by a key that was pressed for something else. */
function Previewed({ found: { job, examples }, bound, leave, done }: PreviewedProps) {
  const cancel = useRef<HTMLButtonElement>(null);
  useEffect(() => cancel.current?.focus(), [job.id]);
  const send = async (): Promise<string> => {
    await store.api.write(`${path(job.incident)}/jobs/${encodeURIComponent(job.id)}/steps`, { step: "start", rev: job.rev, digest: job.digest });
    done();
    return "";
  };
  return (
    <div class="inset error" role="group" aria-labelledby="bulk-preview">
      <h5 id="bulk-preview">{verbWords(job.verb)} {job.posts} posts?</h5>
      <p>{counts(job.platforms)}; on {Object.keys(job.accounts).length} accounts.{job.cut && " There are more than are read at once: do this, then preview again."}</p>
      {total(job.excluded) > 0 && (
        <>
          <p>{total(job.excluded)} more were found and are left alone:</p>
          <ul>{Object.entries(job.excluded).map(([why, n]) => <li key={why}>{n}: {whyWords(why)}</li>)}</ul>
        </>
      )}
      <Table caption="Some of them" rows={examples} id={({ id }) => id} none="There is nothing to do."
        columns={[{ name: "By", cell: ({ author }) => author.name ?? author.handle ?? "unknown" }, { name: "Words", cell: ({ text }) => text.slice(0, 200) }]} />
      {job.second && <p><strong>Another person has to agree: these are more than {bound}, or an account’s policy asks for it.</strong></p>}
      <button type="button" class="button" ref={cancel} onClick={leave}>Cancel</button>
      {job.can.includes("start") && job.posts > 0 && <Form action={`${verbWords(job.verb)} ${job.posts} posts`} danger={job.verb !== "unhide"} send={send} />}
    </div>
  );
}

function One({ first, reload }: { first: Job; reload: () => void }) {
  const read = useSignal(first);
  const missed = useSignal(false);
  // What the list says is newer once somebody has decided.
  if (first.rev > read.value.rev) read.value = first;
  const job = read.value;
  const address = `${path(job.incident)}/jobs/${encodeURIComponent(job.id)}`;
  useEffect(() => {
    if (!moves(job)) return undefined;
    const timer = setTimeout(() => {
      store.api.read<Job>(address).then(
        (now) => { read.value = now; missed.value = false; },
        () => { missed.value = true; read.value = { ...job }; },
      );
    }, SOON_MS);
    return () => clearTimeout(timer);
  }, [job]);
  const step = (name: string) => async (): Promise<string> => {
    try {
      read.value = await store.api.write<Job>(`${address}/steps`, { step: name, rev: job.rev, digest: job.digest });
    } finally {
      reload();
    }
    return "";
  };
  return (
    <div class="inset" role="group" aria-label={`${verbWords(job.verb)} ${job.posts} posts, ordered by ${job.by.name}`}>
      <p><strong>{verbWords(job.verb)} {job.posts} posts</strong>, ordered by {job.by.name}{job.agreed_by !== null && `, decided by ${job.agreed_by.name}`}: {stateWords(job.state)}.</p>
      {job.state !== "waiting" && <><progress max={Math.max(1, job.posts)} value={ended(job)} aria-label="At their end" /><p role="status">{progressWords(job)}</p></>}
      {total(job.skipped) > 0 && <ul>{Object.entries(job.skipped).map(([why, n]) => <li key={why}>{n} skipped: {whyWords(why)}</li>)}</ul>}
      {missed.value && <p class="quiet">This could not be read just now; it is tried again.</p>}
      {job.can.filter((name) => name in STEPS).map((name) => <Form key={name} action={STEPS[name] ?? name} danger={name === "agree" || name === "stop"} send={step(name)} />)}
    </div>
  );
}
