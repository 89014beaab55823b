// One record of the sealed log, checked in this browser: nothing the server says about it is believed.
import type { InclusionProof } from "../types";
import { fromBase64, same, toHex } from "./bytes";
import { includes, leafHash } from "./merkle";
import { parseCheckpoint, parseNote, parseVerifierKey, signedBy } from "./note";

export type Verdict = "sealed" | "unsigned" | "failed";

export interface Checked {
  verdict: Verdict;
  /** What was found, in a sentence. */
  words: string;
  index: number;
  size: number;
  /** Short name of the signing key, to compare with the one the force publishes. */
  key: string;
}

export interface Expected { leafId: string; leaf: string | null; seq: number | null }

const failed = (proof: InclusionProof, words: string): Checked =>
  ({ verdict: "failed", words, index: proof.index, size: proof.size, key: "" });

function idOf(leaf: Uint8Array): unknown {
  return (JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(leaf)) as { id?: unknown }).id;
}

async function examine(proof: InclusionProof, expected: Expected): Promise<Checked> {
  const leaf = fromBase64(proof.leaf);
  if (expected.leaf !== null && !same(leaf, fromBase64(expected.leaf))) {
    return failed(proof, "The sealed record is not the record shown here.");
  }
  if (idOf(leaf) !== expected.leafId) return failed(proof, "The proof is for another record.");
  if (expected.seq !== null && expected.seq !== proof.index) return failed(proof, "The record stands at another place.");
  const note = parseNote(proof.checkpoint);
  const checkpoint = parseCheckpoint(note.body);
  if (checkpoint.origin !== proof.origin || checkpoint.size !== proof.size) {
    return failed(proof, "The checkpoint belongs to another log or another size.");
  }
  const path = proof.proof.map(fromBase64);
  if (!(await includes(await leafHash(leaf), proof.index, proof.size, path, checkpoint.root))) {
    return failed(proof, "The record does not lead to the signed root. It was changed after it was sealed.");
  }
  const key = await parseVerifierKey(proof.vkey);
  const place = { index: proof.index, size: proof.size, key: toHex(key.keyId) };
  if (key.name !== checkpoint.origin) return failed(proof, "The checkpoint names another log than its key.");
  const signed = await signedBy(note, key);
  if (signed === false) return failed(proof, "The checkpoint's signature does not hold.");
  if (signed === null) {
    return { ...place, verdict: "unsigned", words: "In the log. This browser cannot check Ed25519 signatures, so the signature was not checked." };
  }
  return { ...place, verdict: "sealed", words: "In the log, unchanged, under a valid signature." };
}

export async function checkRecord(proof: InclusionProof, expected: Expected): Promise<Checked> {
  try {
    return await examine(proof, expected);
  } catch (error) {
    return failed(proof, `The proof cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** The proof as a `.tlog-proof` file (C2SP tlog-proof), the record itself in its extra line. */
export function proofFile(proof: InclusionProof): string {
  return [
    "c2sp.org/tlog-proof@v1",
    `extra ${proof.leaf}`,
    `index ${proof.index}`,
    ...proof.proof,
    "",
    proof.checkpoint,
  ].join("\n");
}
