// Signed notes (C2SP signed-note) and the checkpoint inside (C2SP tlog-checkpoint), and the key that signs them.
import { type Bytes, concat, fromBase64, same, sha256, toHex, utf8 } from "./bytes";

const ED25519 = 1;
const SIGNATURE_LINE = /^— (\S+) ([A-Za-z0-9+/=]+)$/;
const DECIMAL = /^(0|[1-9][0-9]*)$/;

export interface NoteSignature { name: string; keyId: Bytes; signature: Bytes }
export interface SignedNote { body: string; signatures: NoteSignature[] }
export interface Checkpoint { origin: string; size: number; root: Bytes }
export interface VerifierKey { name: string; keyId: Bytes; publicKey: Bytes }

export function parseNote(text: string): SignedNote {
  const gap = text.lastIndexOf("\n\n");
  if (gap < 0 || !text.endsWith("\n")) throw new Error("the note has no signatures");
  const body = text.slice(0, gap + 1);
  const signatures = text.slice(gap + 2, -1).split("\n").map((line) => {
    const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
    if (name === undefined || encoded === undefined) throw new Error("a signature line of the note is malformed");
    const bytes = fromBase64(encoded);
    if (bytes.length < 5) throw new Error("a signature of the note is too short");
    return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) };
  });
  return { body, signatures };
}

export function parseCheckpoint(body: string): Checkpoint {
  const [origin, size, root] = body.split("\n");
  if (!origin || size === undefined || root === undefined || !DECIMAL.test(size)) {
    throw new Error("the checkpoint is malformed");
  }
  const hash = fromBase64(root);
  if (hash.length !== 32) throw new Error("the checkpoint's root is not a SHA-256 hash");
  return { origin, size: Number(size), root: hash };
}

/** Read `name+id+key` and refuse a key whose id does not follow from its name and bytes. */
export async function parseVerifierKey(text: string): Promise<VerifierKey> {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim());
  const [, name, id, encoded] = match ?? [];
  if (name === undefined || id === undefined || encoded === undefined) throw new Error("the key is malformed");
  const key = fromBase64(encoded);
  if (key.length !== 33 || key[0] !== ED25519) throw new Error("the key is not an Ed25519 key");
  const keyId = (await sha256(concat(utf8(`${name}\n`), key))).slice(0, 4);
  if (toHex(keyId) !== id) throw new Error("the key's id does not belong to it");
  return { name, keyId, publicKey: key.slice(1) };
}

/** True or false as the signature holds or not; null when this browser knows no Ed25519. */
export async function signedBy(note: SignedNote, key: VerifierKey): Promise<boolean | null> {
  const found = note.signatures.find(({ name, keyId }) => name === key.name && same(keyId, key.keyId));
  if (found === undefined) return false;
  let imported: CryptoKey;
  try {
    imported = await crypto.subtle.importKey("raw", key.publicKey, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotSupportedError") return null;
    return false;
  }
  return crypto.subtle.verify({ name: "Ed25519" }, imported, found.signature, utf8(note.body));
}
