// Marked spans and the length of a reply.

export interface Piece { text: string; marked: boolean }

/** Cut a text into marked and plain pieces. Spans count code points (as Python does), may overlap and may be wrong. */
export function pieces(text: string, spans: readonly (readonly [number, number])[]): Piece[] {
  const letters = Array.from(text);
  const inside = new Array<boolean>(letters.length).fill(false);
  for (const [start, end] of spans) inside.fill(true, Math.max(0, start), Math.max(0, end));
  const found: Piece[] = [];
  letters.forEach((letter, at) => {
    const marked = inside[at] ?? false;
    const last = found.at(-1);
    if (last !== undefined && last.marked === marked) last.text += letter;
    else found.push({ text: letter, marked });
  });
  return found;
}

const LIMITS: Record<string, number> = { x: 280, facebook: 8000 };
const LINK = /\bhttps?:\/\/\S+/gu;
const LINK_LENGTH = 23;
const NARROW = [[0, 4351], [8192, 8205], [8208, 8223], [8242, 8247]] as const;

function weightOf(cluster: string): number {
  if (/\p{Extended_Pictographic}/u.test(cluster)) return 2;
  return Array.from(cluster).reduce((total, letter) => {
    const point = letter.codePointAt(0) ?? 0;
    return total + (NARROW.some(([from, to]) => point >= from && point <= to) ? 1 : 2);
  }, 0);
}

export const replyLimit = (platform: string): number => LIMITS[platform] ?? 2000;

/** The length as the platform counts it: X weighs wide letters and emoji as two and every link as 23. */
export function replyLength(platform: string, text: string): number {
  const trimmed = text.trim();
  if (platform !== "x") return Array.from(trimmed).length;
  const links = trimmed.match(LINK)?.length ?? 0;
  const rest = trimmed.normalize("NFC").replace(LINK, "");
  const clusters = [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(rest)];
  return clusters.reduce((total, { segment }) => total + weightOf(segment), links * LINK_LENGTH);
}
