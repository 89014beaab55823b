// What a publication comes to on each platform: whose words, in what order, where they fold, and what stands below. Pure.
import type { Attached, Fields } from "./publishWords";

/** A stretch of words, or an address that the platform makes a link of. */
export interface Piece { text: string; link: boolean }
/** `card` is the address that the platform makes a card of, if it makes one. */
export interface Seen { shown: Piece[]; folded: Piece[]; own: boolean; notes: string[]; card: string | null }

/** What a site says of a link: see `LinkPreview` of the API. */
export interface LinkPreview {
  card: { host: string; title: string; description: string | null; site: string | null; picture: string | null; picture_alt: string | null; large: boolean } | null;
  why: string | null;
  detail: string | null;
}

/** Which pictures and films stand in a platform's grid, and how many more Facebook only counts, on the last of them. */
export interface Tiles { shown: readonly Attached[]; more: number }

// X takes no more; Facebook shows the first five, and on the fifth how many follow.
const MOST_ON_X = 4;
const TILES_ON_FACEBOOK = 5;

// Facebook does not say where it folds. These are estimates, and the page calls them so.
const FOLD_CHARACTERS = 477;
const FOLD_LINES = 5;
const ADDRESS = /https?:\/\/[^\s<>"]+/g;

/** The words with their addresses marked; what ends a sentence is not of the address. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(/[.,;:!?)\]]+$/, "");
    if (match.index > at) found.push({ text: text.slice(at, match.index), link: false });
    found.push({ text: address, link: true });
    at = match.index + address.length;
  }
  if (at < text.length) found.push({ text: text.slice(at), link: false });
  return found;
}

/** Where Facebook is believed to put "See more"; the length of the words when they are shown whole. */
export function foldAt(text: string): number {
  const lines = text.split("\n");
  const byLines = lines.length > FOLD_LINES ? lines.slice(0, FOLD_LINES).join("\n").length : text.length;
  const most = Math.min(byLines, FOLD_CHARACTERS);
  if (most >= text.length || most === byLines) return most;
  // Not in the middle of a word, unless the word is all there is.
  const space = text.slice(0, most + 1).search(/\s\S*$/);
  return space > 0 ? space : most;
}

/** What an account's readers will see of it, as far as it is known before it is sent. */
export function seenOn(platform: string, fields: Fields, account: string): Seen {
  const { link, assets, poll, variants } = fields;
  const own = account in variants;
  const words = variants[account] ?? fields.text;
  const card = platform === "facebook" && link !== null && assets.length === 0;
  // Facebook takes a link without media by itself and shows it as a card; else it stands among the words.
  const text = link === null || card || words.includes(link) ? words : `${words}\n\n${link}`.trim();
  const at = platform === "facebook" ? foldAt(text) : text.length;
  const notes: string[] = [];
  const linked = pieces(text).filter((piece) => piece.link).at(-1)?.text ?? null;
  // X makes its card of the last address.
  const cardOf = card ? link : platform === "x" && assets.length === 0 ? linked : null;
  if (cardOf !== null) notes.push(`Below the words ${platform === "x" ? "X may show" : "stands"} a card of ${hostOf(cardOf)}.`);
  if (assets.length > 0 && linked !== null) notes.push("The link gets no card, as pictures or a film go with it.");
  if (assets.length > 0) notes.push(`${assets.length === 1 ? "One picture or film goes" : `${assets.length} pictures or films go`} with it.`);
  if (platform === "x" && assets.length > MOST_ON_X) notes.push(`X takes ${MOST_ON_X} at the most, not ${assets.length}: take some away, or leave X out.`);
  if (poll !== null) notes.push(`It asks: ${poll.options.join(" / ")}.`);
  return { shown: pieces(text.slice(0, at)), folded: pieces(text.slice(at)), own, notes, card: cardOf };
}

/** How a platform lays out what goes with the words. */
export function tilesOn(platform: string, assets: readonly Attached[]): Tiles {
  const most = platform === "x" ? MOST_ON_X : platform === "facebook" ? TILES_ON_FACEBOOK : assets.length;
  return { shown: assets.slice(0, most), more: platform === "facebook" ? Math.max(0, assets.length - most) : 0 };
}

/** How long a film is, as it stands on its frame: `0:09`, `2:05`, `1:02:03`. */
export function lengthOf(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** The same as it is said aloud. */
export function lengthWords(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [[Math.floor(whole / 3600), "hour"], [Math.floor((whole % 3600) / 60), "minute"], [whole % 60, "second"]] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}${n === 1 ? "" : "s"}`);
  return said.length === 0 ? "under a second" : said.join(" ");
}

/** How a platform shows a card, line by line. */
export function cardLines(platform: string, { card, detail }: LinkPreview): string[] {
  if (card === null) return [detail ?? "The link shows no card."];
  const of = card.picture === null ? "No picture" : `${platform === "x" && !card.large ? "Small picture" : "Picture"} from ${card.picture}`;
  const picture = card.picture_alt === null ? `${of}.` : `${of}: ${card.picture_alt}`;
  const from = card.site === null || card.site === card.host ? card.host : `${card.host} (${card.site})`;
  return [picture, card.title, ...(card.description === null ? [] : [card.description]), from];
}

function hostOf(link: string): string {
  return URL.canParse(link) ? new URL(link).host : "the link";
}
