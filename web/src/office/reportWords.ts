// What a report is on the wire, where it is read, and which bars its tables make.

export type Cell = string | number | null;
export interface Definition { id: string; name: string; counted: string; source: string; formula: string; leaves_out: string }
export interface ReportEntry { name: string; title: string; force_wide: boolean; estimate: boolean; definition: Definition }
export interface ReportTable { caption: string; columns: { name: string; number: boolean }[]; rows: Cell[][]; chart: number | null }
export interface Report {
  name: string;
  title: string;
  month: string;
  account: string | null;
  days: number;
  missing: number;
  estimate: boolean;
  definition: Definition;
  figures: { name: string; value: Cell; unit: string }[];
  tables: ReportTable[];
  notes: string[];
}
export interface Asked { name: string; month: string; account: string; csv?: boolean }
export interface Bar { name: string; words: string; share: number }

const MONTH = /^20\d\d-(0[1-9]|1[0-2])$/;
const MOST_BARS = 31;
const LONGEST = 26;

/** Where a report is read; null while what was typed is no month. */
export function addressOf({ name, month, account, csv = false }: Asked): string | null {
  if (name === "" || (month !== "" && !MONTH.test(month))) return null;
  const query = new URLSearchParams();
  if (month !== "") query.set("month", month);
  if (account !== "") query.set("account", account);
  if (csv) query.set("format", "csv");
  const asked = query.toString();
  return `/reports/${encodeURIComponent(name)}${asked === "" ? "" : `?${asked}`}`;
}

export const shownCell = (cell: Cell): string => (cell === null ? "none" : typeof cell === "number" ? cell.toLocaleString("en-GB", { maximumFractionDigits: 8 }) : cell);

export const titleOf = (report: Report): string => `${report.title}, ${report.month}`;

/** The bars of a table that has a column for them: as many as can be told apart, and none where there is nothing. */
export function bars({ chart, rows }: ReportTable): Bar[] {
  if (chart === null) return [];
  const numbers = rows.slice(0, MOST_BARS).map((row) => ({ name: String(row[0] ?? ""), value: row[chart] }));
  const most = Math.max(0, ...numbers.map(({ value }) => (typeof value === "number" ? value : 0)));
  if (most === 0) return [];
  return numbers.map(({ name, value }) => {
    const number = typeof value === "number" ? value : 0;
    return { name: name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name, words: shownCell(value ?? null), share: number / most };
  });
}
