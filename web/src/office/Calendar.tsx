// What goes out when, what clashes, and the switch that stops all of it or what some accounts say.
import { useSignal } from "@preact/signals";
import { store } from "../app";
import type { Named } from "../types";
import { Radios } from "../views/form";
import { londonDay, shortDate, timeOfDay, wallDay } from "../words/dates";
import { AccountChoice, nameOf, turned } from "./accountChoice";
import { Form, Loaded, Page, Select, Table, TextField, may, useLoaded } from "./kit";
import { type Line, PAUSE, STATE, addressOfPublication, byDay, clashing } from "./publishWords";

interface Pause { id: string; accounts: string[] | null; reason: string; by: Named; at: string }

export default function Calendar() {
  const month = useSignal(londonDay(new Date()).slice(0, 7));
  const found = useLoaded<{ publications: Line[] }>(`/publication-calendar?month=${month.value}`);
  return (
    <Page title="Calendar" lead="What the force publishes, by its time in London.">
      <Pauses />
      <TextField id="cal-month" type="month" label="Month" value={month.value} onChange={(value) => { if (/^\d{4}-\d{2}$/.test(value)) month.value = value; }} />
      <Loaded of={found}>
        {({ publications }) => (
          <>
            {publications.length === 0 && <p class="quiet">Nothing goes out in this month.</p>}
            {byDay(publications).map(({ day, lines }) => <Day key={day} day={day} lines={lines} all={publications} />)}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Day({ day, lines, all }: { day: string; lines: Line[]; all: Line[] }) {
  return (
    <Table
      caption={wallDay(day)} rows={lines} id={({ id }) => id} none=""
      columns={[
        { name: "Words", cell: ({ id, text }) => <a href={addressOfPublication(id)}>{text.slice(0, 120) || "(no words)"}</a> },
        { name: "When", cell: ({ due, changed_at: at }) => timeOfDay(due ?? at) },
        { name: "State", cell: ({ state }) => STATE[state] ?? state },
        { name: "Accounts", cell: ({ accounts }) => accounts.map(nameOf).join(", ") },
        { name: "Clashes with", cell: ({ clashes }) => clashing(clashes, all).map(({ id, words }) => <div key={id}><a href={addressOfPublication(id)}>{words}</a></div>) },
      ]}
    />
  );
}

function Pauses() {
  const read = useLoaded<{ pauses: Pause[] }>("/publication-pauses");
  const resume = (id: string) => async (): Promise<string> => {
    await store.api.write(`/publication-pauses/${encodeURIComponent(id)}/resume`, {});
    read.reload();
    return "Publishing goes on.";
  };
  return (
    <Loaded of={read}>
      {({ pauses }) => (
        <section aria-labelledby="cal-pause">
          <h3 id="cal-pause">{pauses.length === 0 ? "Publishing is not paused" : "Publishing is paused"}</h3>
          {pauses.map((one) => (
            <div key={one.id} class="inset">
              <p>{one.by.name} paused {one.accounts === null ? "the whole force" : one.accounts.map(nameOf).join(", ")} on {shortDate(one.at)}: {PAUSE.find(([code]) => code === one.reason)?.[1] ?? one.reason}.</p>
              {may("pause") && <Form action="Let it go on" send={resume(one.id)} />}
            </div>
          ))}
          {may("pause") && <PauseForm done={read.reload} />}
        </section>
      )}
    </Loaded>
  );
}

const SCOPES = [{ value: "whole", words: "The whole force" }, { value: "some", words: "Some accounts" }];

function PauseForm({ done }: { done: () => void }) {
  const scope = useSignal("");
  const chosen = useSignal<string[]>([]);
  const reason = useSignal(PAUSE[0]?.[0] ?? "");
  const check = () => {
    if (scope.value === "") return [{ field: "cal-scope-0", text: "Choose what stands still" }];
    return scope.value === "some" && chosen.value.length === 0 ? [{ field: "cal-on", text: "Choose at least one account" }] : [];
  };
  const send = async (): Promise<string> => {
    const whole = scope.value === "whole";
    await store.api.write("/publication-pauses", { accounts: whole ? null : chosen.value, reason: reason.value });
    done();
    return `Publishing is paused ${whole ? "for the whole force" : `on ${chosen.value.length} ${chosen.value.length === 1 ? "account" : "accounts"}`}.`;
  };
  return (
    <Form action="Pause publishing" danger check={check} send={send}>
      <Radios legend="What stands still" name="cal-scope" options={SCOPES} value={scope.value} error="" onChange={(value) => { scope.value = value; }} />
      {scope.value === "some" && <AccountChoice id="cal-on" legend="Accounts" chosen={chosen.value} onTurn={(id, on) => { chosen.value = turned(chosen.value, id, on); }} />}
      <Select id="cal-reason" label="Why" value={reason.value} options={PAUSE.map(([value, words]) => ({ value, words }))} onChange={(value) => { reason.value = value; }} />
    </Form>
  );
}
