// What the rights screen says and computes: days left in words, and parts of a text as code points.
export interface Due { on: string | null; days_left: number | null; waits_for: "identity" | "clarification" | null; rule: string }
export interface Span { begin: number; end: number; ground: "third_party" | "exemption"; exemption: string | null }

const plain = (code: string): string => code.replaceAll("_", " ");
export const words = (code: string): string => plain(code).replace(/^./, (first) => first.toUpperCase());

/** The time left in words and number, so that no colour has to say it. */
export function timeLeft({ on, days_left: days, waits_for: waits }: Due): string {
  if (waits !== null) return `Clock stopped: waits for ${waits}`;
  if (days === null) return "Finished";
  const unit = Math.abs(days) === 1 ? "day" : "days";
  if (days < 0) return `Overdue by ${-days} ${unit}: was due ${on}`;
  return days === 0 ? `Due today, ${on}` : `${days} ${unit} left: due ${on}`;
}

/** The server counts Unicode code points, the browser UTF-16 units. */
export const points = (text: string, units: number): number => [...text.slice(0, units)].length;

/** The text in pieces, each redacted or not, for showing it; parts that touch become one. */
export function pieces(text: string, spans: readonly Span[]): { text: string; gone: boolean }[] {
  const chars = [...text];
  const found: { text: string; gone: boolean }[] = [];
  chars.forEach((char, at) => {
    const gone = spans.some(({ begin, end }) => begin <= at && at < end);
    const last = found.at(-1);
    if (last !== undefined && last.gone === gone) last.text += char;
    else found.push({ text: char, gone });
  });
  return found;
}
