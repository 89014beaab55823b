// Which rows of a long list are worth drawing: those in sight, a few around them, and always the active one, because
// aria-activedescendant must point at something that exists.

export interface Sight { top: number; height: number }

/** Where list and post stand side by side; the styles say the same. */
export const WIDE = "(min-width: 64rem)";

const AROUND = 6;

export function rowsInSight(count: number, rowHeight: number, { top, height }: Sight, active: number): number[] {
  if (count === 0 || rowHeight <= 0) return [];
  const first = Math.max(0, Math.floor(top / rowHeight) - AROUND);
  const last = Math.min(count - 1, Math.ceil((top + height) / rowHeight) + AROUND);
  const rows: number[] = [];
  for (let at = first; at <= last; at += 1) rows.push(at);
  if (active >= 0 && active < count && (active < first || active > last)) rows.push(active);
  return rows.sort((one, other) => one - other);
}

/** Where to scroll so that the row is wholly in sight; unchanged when it is. */
export function scrollFor(row: number, rowHeight: number, { top, height }: Sight): number {
  const start = row * rowHeight;
  if (start < top) return start;
  return start + rowHeight > top + height ? start + rowHeight - height : top;
}
