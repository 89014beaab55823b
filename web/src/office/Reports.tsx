// Reports: one of a month, its figures, bars with the table under them, what the figures mean, and the file.
import { useSignal } from "@preact/signals";
import { store } from "../app";
import { Form, Loaded, Page, Select, Table, TextField, useLoaded } from "./kit";
import { addressOf, bars, shownCell, titleOf, type Asked, type Cell, type Definition, type Report, type ReportEntry, type ReportTable } from "./reportWords";

interface Listed { reports: ReportEntry[] }

export default function Reports() {
  const listed = useLoaded<Listed>("/reports");
  return (
    <Page title="Reports" lead="Figures are counted each night, half an hour after midnight. Every reading is recorded.">
      <Loaded of={listed}>{({ reports }) => <Choose reports={reports} />}</Loaded>
    </Page>
  );
}

function Choose({ reports }: { reports: ReportEntry[] }) {
  const name = useSignal(reports[0]?.name ?? "");
  const month = useSignal("");
  const account = useSignal("");
  const entry = reports.find((one) => one.name === name.value);
  const asked: Asked = { name: name.value, month: month.value, account: entry?.force_wide === true ? "" : account.value };
  const path = addressOf(asked);
  const report = useLoaded<Report>(path);
  return (
    <>
      <div class="office-form">
        <Select id="report-name" label="Report" value={name.value} onChange={(value) => { name.value = value; }}
          options={reports.map((one) => ({ value: one.name, words: one.title }))} />
        <TextField id="report-month" label="Month" hint="Like 2026-11. Left empty, the month of yesterday." type="month" value={month.value}
          onChange={(value) => { month.value = value; }} />
        {entry?.force_wide !== true && (
          <Select id="report-account" label="Account" value={account.value} onChange={(value) => { account.value = value; }}
            options={[{ value: "", words: "All within reach" }, ...store.accounts.value.map((one) => ({ value: one.id, words: one.name }))]} />
        )}
      </div>
      {path === null
        ? <p class="quiet">Give the month like 2026-11.</p>
        : <Loaded of={report}>{(found) => <Shown report={found} asked={asked} />}</Loaded>}
    </>
  );
}

function Shown({ report, asked }: { report: Report; asked: Asked }) {
  return (
    <section aria-label={titleOf(report)}>
      <h3>{titleOf(report)}</h3>
      {report.estimate && <p><strong>An estimate: nobody measured it.</strong></p>}
      {report.missing > 0 && <p>{report.missing} days of the month are over and were not counted.</p>}
      {report.notes.map((note) => <p key={note}>{note}</p>)}
      <dl class="report-figures">
        {report.figures.map((one) => (
          <div key={one.name}><dt>{one.name}</dt><dd>{shownCell(one.value)} {one.value === null ? "" : one.unit}</dd></div>
        ))}
      </dl>
      <Means of={report.definition} />
      <p><a class="button" href={`/api${addressOf({ ...asked, csv: true })}`} download>Download as CSV</a></p>
      <Pdf asked={asked} />
      {report.tables.map((table) => <Tabled key={table.caption} table={table} />)}
    </section>
  );
}

interface PdfFile { id: string; state: "queued" | "done" | "failed" }

const EVERY_MS = 2000;
const TIMES = 45;

/** Asks for the PDF, waits until it is printed, and opens its link. */
async function fetchPdf({ name, month, account }: Asked): Promise<string> {
  const body = { ...(month === "" ? {} : { month }), ...(account === "" ? {} : { account }) };
  let file = await store.api.write<PdfFile>(`/reports/${encodeURIComponent(name)}/pdf`, body);
  for (let turn = 0; turn < TIMES && file.state === "queued"; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    file = await store.api.read<PdfFile>(`/report-files/${file.id}`);
  }
  if (file.state !== "done") return file.state === "failed" ? "The PDF could not be made." : "The PDF takes longer than usual. Ask again in a few minutes.";
  const { url } = await store.api.write<{ url: string }>(`/report-files/${file.id}/link`, {});
  location.assign(url);
  return "The PDF is downloaded. The link is good for ten minutes.";
}

function Pdf({ asked }: { asked: Asked }) {
  return <Form action="Make a PDF" send={() => fetchPdf(asked)} />;
}

function Means({ of }: { of: Definition }) {
  return (
    <details>
      <summary>What these figures mean</summary>
      <dl>
        <dt>What is counted</dt><dd>{of.counted}</dd>
        <dt>From what</dt><dd>{of.source}</dd>
        <dt>Formula</dt><dd>{of.formula}</dd>
        <dt>Leaves out</dt><dd>{of.leaves_out}</dd>
      </dl>
    </details>
  );
}

interface Line { cells: Cell[]; at: number }

function Tabled({ table }: { table: ReportTable }) {
  const rows: Line[] = table.rows.map((cells, at) => ({ cells, at }));
  return (
    <>
      <Bars table={table} />
      <Table caption={table.caption} rows={rows} id={({ at }) => String(at)} none={`${table.caption}: nothing in this period.`}
        columns={table.columns.map(({ name, number }, at) => ({ name, number, cell: (row: Line) => shownCell(row.cells[at] ?? null) }))} />
    </>
  );
}

const ROW = 22;

/** Bars of one column; the table under them says the same, so they are hidden from who does not see them. */
function Bars({ table }: { table: ReportTable }) {
  const drawn = bars(table);
  if (drawn.length === 0) return null;
  return (
    <svg class="report-bars" viewBox={`0 0 640 ${drawn.length * ROW}`} aria-hidden="true">
      {drawn.map(({ name, words, share }, at) => (
        <g key={at} transform={`translate(0 ${at * ROW})`}>
          <text x="190" y="15" text-anchor="end">{name}</text>
          <rect x="200" y="3" width={Math.max(1, share * 360)} height={ROW - 6} />
          <text x={206 + share * 360} y="15">{words}</text>
        </g>
      ))}
    </svg>
  );
}
