// Appeals to the public: made from drafted publications, approved by a second person, their leads, and their end.
import { useSignal } from "@preact/signals";
import { store } from "../app";
import { shortDate } from "../words/dates";
import { BASES, ENDINGS, FITTING, KINDS, OUTCOMES, REJECTS, SOURCES, VERDICTS, idsIn, instant, optionsOf, standing, taken } from "./appealWords";
import type { Appeal, Facts, Lead, Picture, View } from "./appealWords";
import { Form, Loaded, Page, Select, Table, TextField, may, useLoaded } from "./kit";

const at = (id: string, rest = ""): string => `/appeals/${encodeURIComponent(id)}${rest}`;
const BLANK: Facts = { kind: "missing", title: "", reason: "", basis: "vital_interests", ref: "", review_on: "", pictures: [] };

/** What an appeal needs; `pictures` are asked for one by one once they are known. */
function FactsFields({ facts, change }: { facts: Facts; change: (facts: Facts) => void }) {
  const put = (more: Partial<Facts>): void => change({ ...facts, ...more });
  const picture = (which: number, more: Partial<Picture>): void =>
    put({ pictures: facts.pictures.map((one, n) => (n === which ? { ...one, ...more } : one)) });
  return (
    <>
      <Select id="ap-kind" label="Kind" value={facts.kind} options={optionsOf(KINDS)} onChange={(kind) => put({ kind, basis: FITTING[kind]?.[0] ?? "" })} />
      <TextField id="ap-title" label="Title" value={facts.title} onChange={(title) => put({ title })} />
      <TextField id="ap-reason" label="Why the public must be asked" hint="And why this much of the person must be shown." rows={3} value={facts.reason} onChange={(reason) => put({ reason })} />
      <Select id="ap-basis" label="Lawful basis" value={facts.basis} options={optionsOf(BASES, FITTING[facts.kind])} onChange={(basis) => put({ basis })} />
      <TextField id="ap-ref" label="Reference" value={facts.ref} onChange={(ref) => put({ ref })} />
      <TextField id="ap-review" label="Review on" hint="Within 90 days." type="date" value={facts.review_on} onChange={(review_on) => put({ review_on })} />
      {facts.pictures.map((one, n) => (
        <fieldset key={one.asset}>
          <legend>Picture or film {n + 1}</legend>
          <Select id={`ap-source-${n}`} label="Comes from" value={one.source} options={optionsOf(SOURCES)} onChange={(source) => picture(n, { source })} />
          <TextField id={`ap-taken-${n}`} label="Taken on (optional)" type="date" value={one.taken_on ?? ""} onChange={(day) => picture(n, { taken_on: day || null })} />
          <TextField id={`ap-number-${n}`} label="Number under which the force holds it (optional)" value={one.ref ?? ""} onChange={(ref) => picture(n, { ref: ref || null })} />
        </fieldset>
      ))}
    </>
  );
}

const missing = (facts: Facts) => [
  { id: "ap-title", words: "Give it a title", no: facts.title },
  { id: "ap-reason", words: "Say why the public must be asked", no: facts.reason },
  { id: "ap-ref", words: "Give the reference of the crime or report", no: facts.ref },
  { id: "ap-review", words: "Choose a day for the review", no: facts.review_on },
].filter(({ no }) => no.trim() === "").map(({ id, words }) => ({ field: id, text: words }));

function Make({ made }: { made: (id: string) => void }) {
  const facts = useSignal(BLANK);
  const named = useSignal("");
  const send = async (): Promise<string> => {
    const publications = idsIn(named.value);
    const each = await Promise.all(publications.map((id) => store.api.read<{ fields: { assets: { id: string }[] } }>(`/publications/${id}`)));
    const known = new Map(facts.value.pictures.map((one) => [one.asset, one]));
    const assets = [...new Set(each.flatMap((one) => one.fields.assets.map(({ id }) => id)))];
    const pictures = assets.map((asset) => known.get(asset) ?? { asset, source: "cctv", taken_on: null, ref: null });
    const asked = pictures.length > known.size;
    facts.value = { ...facts.value, pictures };
    if (asked) return "Say where each picture comes from, and send it again.";
    made((await store.api.write<View>("/appeals", { facts: facts.value, publications })).appeal.id);
    return "Begun.";
  };
  const check = () => [...(idsIn(named.value).length ? [] : [{ field: "ap-publications", text: "Name a drafted publication" }]), ...missing(facts.value)];
  return (
    <details>
      <summary>Begin an appeal</summary>
      <Form action="Begin" check={check} send={send}>
        <TextField id="ap-publications" label="Drafted publications" hint="Their numbers or addresses, up to five: one for each set of pictures." value={named.value} onChange={(value) => { named.value = value; }} />
        <FactsFields facts={facts.value} change={(value) => { facts.value = value; }} />
      </Form>
    </details>
  );
}

function LeadRow({ appeal, lead, done }: { appeal: string; lead: Lead; done: () => void }) {
  const ref = useSignal("");
  const path = at(appeal, `/leads/${encodeURIComponent(lead.post.id)}`);
  const judge = async (verdict: string): Promise<string> => {
    await store.api.write(path, { verdict, rev: lead.post.rev }, "PUT");
    done();
    return "Noted.";
  };
  return (
    <>
      {Object.entries(VERDICTS).filter(([verdict]) => verdict !== lead.lead?.verdict).map(([verdict, words]) => <Form key={verdict} action={words} send={() => judge(verdict)} />)}
      {lead.lead?.verdict === "information" && lead.lead.passed === null && (
        <Form action="Passed on" check={() => (ref.value.trim() ? [] : [{ field: `ref-${lead.post.id}`, text: "Give the number" }])} send={async () => { await store.api.write(`${path}/pass`, { ref: ref.value.trim(), rev: lead.post.rev }); done(); return "Noted."; }}>
          <TextField id={`ref-${lead.post.id}`} label="Number in the force's system" value={ref.value} onChange={(value) => { ref.value = value; }} />
        </Form>
      )}
    </>
  );
}

function Leads({ id, triage }: { id: string; triage: boolean }) {
  const leads = useLoaded<{ leads: Lead[]; more: boolean }>(at(id, "/leads"));
  const link = ({ post }: Lead): string => `#/inbox/${encodeURIComponent(`account:${post.account}`)}/${encodeURIComponent(post.id)}`;
  return (
    <Loaded of={leads}>
      {({ leads: rows, more }) => (
        <Table
          caption={`Leads${more ? ", the first 200" : ""}`} rows={rows} id={({ post }) => post.id} none="Nothing has come in yet."
          columns={[
            { name: "Post", cell: (lead) => <a href={link(lead)}>{lead.post.text.slice(0, 200) || "Open"}</a> },
            { name: "Is", cell: ({ lead, hide }) => <>{lead ? VERDICTS[lead.verdict] : "Not looked at"}{hide && <strong>. Open it to hide it.</strong>}</> },
            { name: "Passed on", cell: ({ lead }) => lead?.passed ?? "" },
            { name: "Acknowledged", cell: (lead) => (lead.answered ? "Yes" : <a href={link(lead)}>Reply</a>) },
            { name: "Say what it is", cell: (lead) => (triage ? <LeadRow appeal={id} lead={lead} done={leads.reload} /> : "") },
          ]}
        />
      )}
    </Loaded>
  );
}

function Close({ act }: { act: (step: string, more: object) => Promise<string> }) {
  const given = useSignal({ outcome: "found", when: "", ending: "take_down", text: "" });
  const put = (more: object): void => { given.value = { ...given.value, ...more }; };
  const { outcome, when, ending, text } = given.value;
  const check = () => [...(when ? [] : [{ field: "ap-when", text: "Say since when that is known" }]), ...(ending === "update" && !text.trim() ? [{ field: "ap-text", text: "Write what is to stand in its place" }] : [])];
  return (
    <details>
      <summary>End it</summary>
      <Form action="End the appeal" danger check={check} send={() => act("close", { outcome, outcome_at: instant(when), ending, text: ending === "update" ? text : null })}>
        <Select id="ap-outcome" label="Outcome" value={outcome} options={optionsOf(OUTCOMES)} onChange={(value) => put({ outcome: value })} />
        <TextField id="ap-when" label="Known since" type="datetime-local" value={when} onChange={(value) => put({ when: value })} />
        <Select id="ap-ending" label="What becomes of it" value={ending} options={optionsOf(ENDINGS)} onChange={(value) => put({ ending: value })} />
        {ending === "update" && <TextField id="ap-text" label="What is to stand in its place" rows={3} value={text} onChange={(value) => put({ text: value })} />}
      </Form>
    </details>
  );
}

function Change({ view, act }: { view: View; act: (facts: Facts) => Promise<string> }) {
  const known = new Map(view.appeal.facts.pictures.map((one) => [one.asset, one]));
  const pictures = view.assets.map((asset) => known.get(asset) ?? { asset, source: "cctv", taken_on: null, ref: null });
  const facts = useSignal<Facts>({ ...view.appeal.facts, pictures });
  return <details><summary>Change it</summary><Form action="Save" check={() => missing(facts.value)} send={() => act(facts.value)}><FactsFields facts={facts.value} change={(value) => { facts.value = value; }} /></Form></details>;
}

function One({ id, back }: { id: string; back: () => void }) {
  const loaded = useLoaded<View>(at(id));
  const reason = useSignal("wording");
  const review = useSignal("");
  return (
    <Loaded of={loaded}>
      {(view) => {
        const { appeal, can } = view;
        const act = async (step: string, more: object = {}, method?: "PUT"): Promise<string> => {
          await store.api.write(at(id, step && `/${step}`), { rev: appeal.rev, ...more }, method);
          loaded.reload();
          return "Done.";
        };
        return (
          <section aria-label={appeal.facts.title}>
            <button type="button" class="button" onClick={back}>All appeals</button>
            <h3>{KINDS[appeal.facts.kind]}: {appeal.facts.title}</h3>
            <p>{appeal.facts.reason}</p>
            <p class="quiet">{BASES[appeal.facts.basis]}. Reference {appeal.facts.ref}. Review on {appeal.facts.review_on}. By {appeal.by.name}, {shortDate(appeal.at)}.</p>
            {view.void && <p class="inset" role="alert">A publication was changed since this was proposed. It does not go out until the appeal is taken back and proposed again.</p>}
            {view.due && <p class="inset">Its review is due: say whether it must stay public, or end it.</p>}
            {appeal.rejected !== null && <p class="inset">Given back: {REJECTS[appeal.rejected]}.</p>}
            {appeal.outcome !== null && <p class="inset">{OUTCOMES[appeal.outcome]}{view.minutes !== null && ` after ${taken(view.minutes)}`}. {view.remaining > 0 ? `Still to be seen on ${view.remaining}.` : "Nothing of it is left as it was."}</p>}
            {view.texts.map((text) => <blockquote key={text}>{text}</blockquote>)}
            <Table caption="On each account" rows={view.copies} id={(copy) => copy.account + copy.out_at} none="Not sent yet." columns={[
              { name: "Account", cell: (copy) => copy.account_name }, { name: "Now", cell: standing },
              { name: "Out since", cell: (copy) => (copy.out_at ? shortDate(copy.out_at) : "") }, { name: "Taken down", cell: (copy) => (copy.down_at ? shortDate(copy.down_at) : "") },
            ]} />
            {can.includes("propose") && <Form action="Ask for approval" send={() => act("propose")} />}
            {can.includes("change") && <Change key={appeal.rev} view={view} act={(facts) => act("", { facts }, "PUT")} />}
            {can.includes("withdraw") && <Form action="Take it back" send={() => act("withdraw")} />}
            {can.includes("approve") && <Form action="Approve and send" send={() => act("approve")} />}
            {can.includes("reject") && <Form action="Give it back" danger send={() => act("reject", { reason: reason.value })}><Select id="ap-reject" label="Because of" value={reason.value} options={optionsOf(REJECTS)} onChange={(value) => { reason.value = value; }} /></Form>}
            {can.includes("keep") && <Form action="It must stay public" check={() => (review.value ? [] : [{ field: "ap-keep", text: "Choose a day" }])} send={() => act("keep", { review_on: review.value })}><TextField id="ap-keep" label="Look at it again on" type="date" value={review.value} onChange={(value) => { review.value = value; }} /></Form>}
            {can.includes("clear") && <Form action="Take down what remains" danger send={() => act("clear")} />}
            {can.includes("close") && <Close act={act} />}
            {may("see") && view.copies.length > 0 && <Leads id={id} triage={can.includes("triage")} />}
          </section>
        );
      }}
    </Loaded>
  );
}

export default function Appeals() {
  const chosen = useSignal("");
  const list = useLoaded<{ appeals: Appeal[] }>("/appeals");
  const choose = (id: string): void => { chosen.value = id; list.reload(); };
  return (
    <Page title="Appeals" lead="What the force asks the public. Two people stand behind each; it is looked at again on its day, and taken down or updated everywhere at its end.">
      {chosen.value !== "" ? <One key={chosen.value} id={chosen.value} back={() => choose("")} /> : (
        <>
          {may("appeal") && <Make made={choose} />}
          <Loaded of={list}>
            {({ appeals }) => (
              <Table caption="Appeals, the newest first" rows={appeals} id={({ id }) => id} none="There are no appeals." columns={[
                { name: "Title", cell: ({ id, facts }) => <button type="button" class="button" onClick={() => choose(id)}>{facts.title}</button> },
                { name: "Kind", cell: ({ facts }) => KINDS[facts.kind] }, { name: "State", cell: ({ state, outcome }) => (outcome ? OUTCOMES[outcome] : state) },
                { name: "Review on", cell: ({ facts, state }) => (state === "closed" ? "" : facts.review_on) }, { name: "By", cell: ({ by, at: made }) => `${by.name}, ${shortDate(made)}` },
              ]} />
            )}
          </Loaded>
        </>
      )}
    </Page>
  );
}
