// What an approver compares: every part of a publication as it was submitted last and as it is now. Pure.
import { type Fields, scheduleWords } from "./publishWords";

export interface DiffLine { kind: "same" | "new" | "gone"; text: string }
export interface Part { what: string; changed: boolean; lines: DiffLine[] }

/** The lines of both, in order, those in common once: what was moved is gone in one place and new in another. */
export function difference(before: string, now: string): DiffLine[] {
  const [old, fresh] = [before.split("\n"), now.split("\n")];
  // The length of the longest common rest of both from each pair of lines on.
  const rest = Array.from({ length: old.length + 1 }, () => new Array<number>(fresh.length + 1).fill(0));
  const at = (i: number, j: number): number => rest[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      (rest[i] as number[])[j] = old[i] === fresh[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < fresh.length) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      lines.push({ kind: "same", text: old[i] as string });
      [i, j] = [i + 1, j + 1];
    } else if (i < old.length && (j === fresh.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: "gone", text: old[i] as string });
      i += 1;
    } else {
      lines.push({ kind: "new", text: fresh[j] as string });
      j += 1;
    }
  }
  return lines;
}

type Named = (id: string) => string;

function written({ text, link, accounts, variants, assets, poll, schedule }: Fields, nameOf: Named): Map<string, string> {
  return new Map([
    ["Words", text],
    ...Object.entries(variants).map(([id, words]) => [`Words on ${nameOf(id)}`, words] as const),
    ["Link", link ?? ""],
    ["Pictures and films", assets.map(({ id, alt }) => `${alt === "" ? "Not described" : alt} (${id.slice(-6)})`).join("\n")],
    ["Poll", poll === null ? "" : [...poll.options, `open for ${poll.minutes} minutes`].join("\n")],
    ["Accounts", accounts.map(nameOf).sort((one, other) => one.localeCompare(other, "en-GB")).join("\n")],
    ["Goes out", scheduleWords(schedule)],
  ]);
}

/** Each part that says anything, or did before; `before` is null where there is nothing to compare it with. */
export function parts(before: Fields | null, now: Fields, nameOf: Named): Part[] {
  const [old, fresh] = [before === null ? null : written(before, nameOf), written(now, nameOf)];
  return [...new Set([...fresh.keys(), ...(old?.keys() ?? [])])].flatMap((what): Part[] => {
    const said = fresh.get(what) ?? "";
    const was = old === null ? said : old.get(what) ?? "";
    if (said === "" && was === "") return [];
    if (said === was) return [{ what, changed: false, lines: said.split("\n").map((text) => ({ kind: "same" as const, text })) }];
    const lines = difference(was, said).filter(({ kind, text }) => kind === "same" || text !== "");
    return [{ what, changed: true, lines }];
  });
}
