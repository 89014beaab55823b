// The daily checks: today's list, what is late first, and the month of one account.
import { useSignal } from "@preact/signals";
import { store } from "../app";
import type { Check } from "../types";
import { shortDate } from "../words/dates";
import { nameOf } from "./accountChoice";
import { Loaded, Page, Select, Table, TextField, useLoaded } from "./kit";

interface Today { day: string; checks: Check[] }
interface Month { account: string; month: string; days: Check[]; checked: number; missed: number }

const STATES: Record<Check["state"], string> = {
  due: "Late: not checked yet", missed: "Missed", open: "Not checked yet", checked: "Checked", none: "Nothing wanted",
};
const ORDER: Record<Check["state"], number> = { due: 0, missed: 0, open: 1, none: 2, checked: 3 };

const who = (check: Check): string => (check.by === null ? "" : `${check.by.name}${check.capacity === "lead" ? " (lead)" : check.capacity === "deputy" ? " (deputy)" : ""}`);
export const lateFirst = (checks: readonly Check[]): Check[] => [...checks].sort((one, other) => ORDER[one.state] - ORDER[other.state] || nameOf(one.account).localeCompare(nameOf(other.account)));

export default function Checks() {
  const today = useLoaded<Today>("/checks");
  return (
    <Page title="Daily checks" lead="Each account is looked at each day by its lead, its deputy or whoever stands in. Open the account's queue, look, and press c or the button above the list. At 16:00 the deputy is told of what is missing, at 18:00 the supervisor.">
      <Loaded of={today}>
        {({ day, checks }) => (
          <Table
            caption={`Checks of ${day}: ${checks.filter(({ state }) => state === "checked").length} of ${checks.length} done`}
            rows={lateFirst(checks)} id={({ account }) => account} none="No account within your reach wants a check."
            columns={[
              { name: "Account", cell: ({ account }) => <a href={`#/inbox/${encodeURIComponent(`account:${account}`)}`}>{nameOf(account)}</a> },
              { name: "State", cell: ({ state }) => STATES[state] },
              { name: "By", cell: who },
              { name: "When", cell: ({ at, state }) => (at === null || state !== "checked" ? "" : shortDate(at)) },
            ]}
          />
        )}
      </Loaded>
      <MonthOf />
    </Page>
  );
}

function MonthOf() {
  const chosen = useSignal("");
  // The accounts may come after this screen was opened.
  const account = chosen.value || (store.accounts.value[0]?.id ?? "");
  const month = useSignal(new Date().toISOString().slice(0, 7));
  const path = account === "" || !/^\d{4}-\d\d$/.test(month.value) ? null : `/accounts/${encodeURIComponent(account)}/checks?month=${month.value}`;
  const report = useLoaded<Month>(path);
  return (
    <section aria-label="A month of one account">
      <h3>A month of one account</h3>
      <div class="office-form">
        <Select id="check-account" label="Account" value={account} onChange={(value) => { chosen.value = value; }}
          options={store.accounts.value.map(({ id, name }) => ({ value: id, words: name }))} />
        <TextField id="check-month" label="Month" type="month" value={month.value} onChange={(value) => { month.value = value; }} />
      </div>
      <Loaded of={report}>
        {({ days, checked, missed }) => (
          <Table
            caption={`${checked} checked, ${missed} missed`} rows={days} id={({ day }) => day} none="The month has no days yet."
            columns={[
              { name: "Day", cell: ({ day }) => day },
              { name: "State", cell: ({ state }) => STATES[state] },
              { name: "By", cell: who },
            ]}
          />
        )}
      </Loaded>
    </section>
  );
}
