import { describe, expect, it, vi } from "vitest";
import { fromBase64, toBase64, toHex, utf8 } from "../src/chain/bytes";
import { checkRecord, proofFile } from "../src/chain/check";
import { includes, leafHash } from "../src/chain/merkle";
import { parseCheckpoint, parseNote, parseVerifierKey, signedBy } from "../src/chain/note";
import type { InclusionProof } from "../src/types";
import vectors from "./vectors/proofs.json";

const records = vectors.records as { id: string; proof: InclusionProof }[];
const record = (size: number, index: number): { id: string; proof: InclusionProof } => {
  const found = records.find(({ proof }) => proof.size === size && proof.index === index);
  if (found === undefined) throw new Error("no such vector");
  return structuredClone(found);
};
const expected = (id: string, proof: InclusionProof) => ({ leafId: id, leaf: proof.leaf, seq: proof.index });

/** The same bytes with one bit turned over. */
function flipped(encoded: string, bit: number): string {
  const bytes = fromBase64(encoded);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return toBase64(bytes);
}

describe("base64", () => {
  it("refuses a second spelling of the same bytes", () => {
    expect(toHex(fromBase64("AA=="))).toBe("00");
    expect(() => fromBase64("AB==")).toThrow("canonical");
    expect(() => fromBase64("AA")).toThrow("canonical");
    expect(() => fromBase64("A A=")).toThrow("not base64");
  });
});

describe("the tree", () => {
  it("hashes the empty leaf as RFC 6962 publishes it", async () => {
    const empty = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
    expect(toHex(await leafHash(new Uint8Array()))).toBe(empty);
  });

  it.each(records.map(({ proof }) => [proof.size, proof.index]))("includes, size %i index %i", async (size, index) => {
    const { proof } = record(size, index);
    const leaf = await leafHash(fromBase64(proof.leaf));
    const { root } = parseCheckpoint(parseNote(proof.checkpoint).body);
    const path = proof.proof.map(fromBase64);
    expect(await includes(leaf, index, size, path, root)).toBe(true);
    expect(await includes(leaf, index, size, [...path, leaf], root)).toBe(false);
    if (path.length > 0) expect(await includes(leaf, index, size, path.slice(1), root)).toBe(false);
    if (size > 1) expect(await includes(leaf, (index + 1) % size, size, path, root)).toBe(false);
  });

  it("refuses places outside the tree", async () => {
    const leaf = await leafHash(new Uint8Array());
    for (const [index, size] of [[1, 1], [-1, 1], [0, 0], [0.5, 1], [0, Number.NaN]] as const) {
      expect(await includes(leaf, index, size, [], leaf)).toBe(false);
    }
  });
});

describe("notes and keys", () => {
  it("reads body, signatures and checkpoint", () => {
    const { proof } = record(21, 20);
    const note = parseNote(proof.checkpoint);
    expect(note.signatures).toHaveLength(1);
    expect(note.signatures[0]?.name).toBe(proof.origin);
    const checkpoint = parseCheckpoint(note.body);
    expect(checkpoint.origin).toBe("desk.example/bluelamp/wealdshire/2026");
    expect(checkpoint.size).toBe(21);
  });

  it("refuses notes without signatures, with leading zeros, with short roots", () => {
    expect(() => parseNote("origin\n1\nAA==\n")).toThrow("no signatures");
    expect(() => parseNote("origin\n1\nAA==\n\nnot a signature\n")).toThrow("malformed");
    expect(() => parseCheckpoint("origin\n01\nAA==\n")).toThrow("malformed");
    expect(() => parseCheckpoint("origin\n1\nAA==\n")).toThrow("SHA-256");
  });

  it("keeps extension lines and blank lines inside the signed body", () => {
    const { proof } = record(1, 0);
    const signature = proof.checkpoint.slice(proof.checkpoint.indexOf("— "));
    const note = parseNote(`origin\n1\nroot\nextension\n\n${signature}`);
    expect(note.body).toBe("origin\n1\nroot\nextension\n");
  });

  it("refuses a key under a foreign id or of another kind", async () => {
    const { proof } = record(1, 0);
    const [, name = "", id = "", key = ""] = /^([^+]+)\+([^+]+)\+(.+)$/.exec(proof.vkey) ?? [];
    await expect(parseVerifierKey(`${name}+00000000+${key}`)).rejects.toThrow("id");
    await expect(parseVerifierKey(`other+${id}+${key}`)).rejects.toThrow("id");
    await expect(parseVerifierKey(`${name}+${id}+${toBase64(new Uint8Array(33))}`)).rejects.toThrow("Ed25519");
    await expect(parseVerifierKey("nonsense")).rejects.toThrow("malformed");
  });

  it("says when the browser knows no Ed25519", async () => {
    const { proof } = record(1, 0);
    vi.spyOn(crypto.subtle, "importKey").mockRejectedValue(new DOMException("no", "NotSupportedError"));
    const key = await parseVerifierKey(proof.vkey);
    expect(await signedBy(parseNote(proof.checkpoint), key)).toBeNull();
  });
});

describe("the check of one record", () => {
  it.each(records.map(({ id, proof }) => [id, proof] as const))("finds %s sealed", async (id, proof) => {
    const checked = await checkRecord(proof, expected(id, proof));
    expect(checked.verdict).toBe("sealed");
    expect(checked.key).toMatch(/^[0-9a-f]{8}$/);
  });

  it("fails on every flipped bit of the leaf", async () => {
    const { id, proof } = record(3, 1);
    for (let bit = 0; bit < fromBase64(proof.leaf).length * 8; bit += 1) {
      const forged = { ...proof, leaf: flipped(proof.leaf, bit) };
      expect((await checkRecord(forged, { ...expected(id, proof), leaf: null })).verdict, `bit ${bit}`).toBe("failed");
    }
  });

  it("fails on a flipped bit in path, root, signature and key", async () => {
    const { id, proof } = record(21, 16);
    const line = proof.checkpoint.split("\n");
    const signature = (line[4] ?? "").split(" ")[2] ?? "";
    const forgeries: InclusionProof[] = [
      { ...proof, proof: proof.proof.map((hash, at) => (at === 0 ? flipped(hash, 7) : hash)) },
      { ...proof, checkpoint: proof.checkpoint.replace(line[2] ?? "", flipped(line[2] ?? "", 0)) },
      { ...proof, checkpoint: proof.checkpoint.replace(signature, flipped(signature, 100)) },
      { ...proof, checkpoint: proof.checkpoint.replace(signature, flipped(signature, 3)) },
      { ...proof, size: 20 },
      { ...proof, origin: "other.example/log" },
      { ...proof, leaf: "not base64!" },
    ];
    for (const forged of forgeries) expect((await checkRecord(forged, expected(id, proof))).verdict).toBe("failed");
  });

  it("fails when the sealed record is not the one on the page", async () => {
    const { id, proof } = record(5, 2);
    const other = record(5, 3).proof.leaf;
    expect((await checkRecord(proof, { leafId: id, leaf: other, seq: null })).verdict).toBe("failed");
    expect((await checkRecord(proof, { leafId: "01KX", leaf: null, seq: null })).verdict).toBe("failed");
    expect((await checkRecord(proof, { leafId: id, leaf: null, seq: 4 })).verdict).toBe("failed");
  });

  it("does not call an unchecked signature checked", async () => {
    const { id, proof } = record(5, 2);
    vi.spyOn(crypto.subtle, "importKey").mockRejectedValue(new DOMException("no", "NotSupportedError"));
    expect((await checkRecord(proof, expected(id, proof))).verdict).toBe("unsigned");
  });

  it("writes a proof file that holds all that a check needs", () => {
    const { proof } = record(5, 2);
    const lines = proofFile(proof).split("\n");
    expect(lines.slice(0, 3)).toEqual(["c2sp.org/tlog-proof@v1", `extra ${proof.leaf}`, "index 2"]);
    expect(lines.slice(3, 3 + proof.proof.length)).toEqual(proof.proof);
    expect(proofFile(proof).endsWith(`\n\n${proof.checkpoint}`)).toBe(true);
    expect(utf8(proofFile(proof)).length).toBeGreaterThan(0);
  });
});
