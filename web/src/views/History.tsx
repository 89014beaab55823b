// The sealed history of a post, and its check in this browser.
import { useSignal } from "@preact/signals";
import { store } from "../app";
import { type Checked, checkRecord, proofFile } from "../chain/check";
import type { HistoryEntry, InclusionProof, PostSummary } from "../types";
import { dutyWords } from "../words/duty";
import { actionState, flagName, proposalName, reasonName, recordName, riskName, roleName, verbName } from "../words/terms";
import { When } from "./bits";

interface Result extends Checked { proof: InclusionProof }

export function History({ post, entries }: { post: PostSummary; entries: readonly HistoryEntry[] }) {
  const results = useSignal<ReadonlyMap<string, Result>>(new Map());
  const progress = useSignal<string>("");
  const busy = useSignal(false);
  const check = async (): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    results.value = new Map();
    try {
      // Read anew: records that were waiting for the seal may lie in the log by now.
      const fresh = await store.api.history(post.id);
      const sealed = fresh.filter((entry) => entry.sealed);
      for (const [at, entry] of sealed.entries()) {
        progress.value = `Checking record ${at + 1} of ${sealed.length}…`;
        const proof = await store.api.proof(post.id, entry.leaf_id);
        const checked = await checkRecord(proof, { leafId: entry.leaf_id, leaf: entry.leaf ?? null, seq: entry.seq });
        results.value = new Map(results.value).set(entry.leaf_id, { ...checked, proof });
      }
      store.noteHistory(post.id, fresh);
      progress.value = summary([...results.value.values()], fresh.length - sealed.length);
    } catch (error) {
      progress.value = "";
      store.fail(error);
    }
    busy.value = false;
  };
  const bad = [...results.value.values()].some(({ verdict }) => verdict === "failed");
  return (
    <section class="block" aria-labelledby="history-title">
      <div class="block-head">
        <h3 id="history-title">History</h3>
        <button type="button" class="button" data-testid="check-chain" aria-disabled={busy.value} onClick={() => void check()}>Check the chain</button>
      </div>
      <p class={`check-result ${bad ? "bad" : ""}`} role="status" data-testid="check-result" data-busy={busy.value}>{progress.value}</p>
      <ol class="history" data-testid="history">
        {entries.map((entry) => <Entry key={entry.leaf_id} entry={entry} result={results.value.get(entry.leaf_id)} />)}
      </ol>
    </section>
  );
}

function summary(results: readonly Result[], unsealed: number): string {
  const count = (verdict: string): number => results.filter((result) => result.verdict === verdict).length;
  const say = (number: number, one: string, many: string): string => (number === 1 ? `1 ${one}` : `${number} ${many}`);
  const words: string[] = [];
  const failed = count("failed");
  if (failed > 0) words.push(`${say(failed, "record does", "records do")} not fit the sealed log. Tell your administrator and keep the proof.`);
  const sealed = count("sealed");
  if (sealed > 0) words.push(`${say(sealed, "record is", "records are")} in the sealed log, unchanged, under a valid signature.`);
  const unsigned = count("unsigned");
  if (unsigned > 0) words.push(`${say(unsigned, "record is", "records are")} in the log, but this browser cannot check Ed25519 signatures.`);
  if (unsealed > 0) words.push(`${say(unsealed, "record is", "records are")} still waiting for the seal.`);
  const keys = [...new Set(results.map(({ key }) => key).filter(Boolean))];
  if (keys.length > 0) words.push(`Signing key ${keys.join(", ")}.`);
  return words.join(" ") || "There is nothing to check yet.";
}

function Entry({ entry, result }: { entry: HistoryEntry; result: Result | undefined }) {
  const { actor } = entry;
  const who = actor.name ?? (actor.role ? roleName(actor.role) : roleName(actor.kind));
  const duty = dutyWords(actor.on_duty_as);
  return (
    <li data-testid="history-entry" data-type={entry.type} data-verdict={result?.verdict ?? ""}>
      <p><strong>{titleOf(entry)}</strong> <span class="quiet">{who}{duty !== "" && ` (${duty})`}, <When iso={entry.at} long /></span></p>
      <p class="quiet seal-line">
        {entry.sealed ? <span class="sealed">Sealed{entry.seq !== null && `: record ${entry.seq.toLocaleString("en-GB")} in the log of ${entry.year ?? "its year"}`}</span> : "Waiting for the seal"}
        {result !== undefined && <Verdict result={result} leaf={entry.leaf_id} />}
      </p>
    </li>
  );
}

function Verdict({ result, leaf }: { result: Result; leaf: string }) {
  const mark = { sealed: "✓ Checked", unsigned: "Part checked", failed: "✗ Failed" }[result.verdict];
  return (
    <>
      {" · "}<span class={`verdict ${result.verdict}`}><strong>{mark}</strong>{result.verdict !== "sealed" && `: ${result.words}`}</span>{" "}
      <button type="button" class="as-link" data-testid="download-proof" onClick={() => download(`${leaf}.tlog-proof`, proofFile(result.proof))}>Download the proof</button>
    </>
  );
}

const named = (code: unknown, words: (code: string) => string): string =>
  (typeof code === "string" && code !== "" ? words(code).toLocaleLowerCase("en-GB") : "");

function titleOf({ type, detail }: HistoryEntry): string {
  const more = [
    named(detail.verb, verbName), named(detail.result, actionState), named(detail.risk, riskName),
    detail.what === "history" ? "its history" : "", named(detail.to, (to) => `to ${flagName(to)}`), named(detail.reason, reasonName),
  ].filter(Boolean);
  const title = typeof detail.proposal === "string" ? proposalName(detail.proposal) : recordName(detail.verb === "report" ? "report" : type);
  return more.length === 0 ? title : `${title}: ${more.join(", ")}`;
}

function download(name: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
