// RFC 6962 hashes and the check of an inclusion path (RFC 9162, section 2.1.3.2).
import { type Bytes, concat, same, sha256 } from "./bytes";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const HASH_LENGTH = 32;

export const leafHash = (leaf: Uint8Array): Promise<Bytes> => sha256(concat(LEAF, leaf));

const nodeHash = (left: Uint8Array, right: Uint8Array): Promise<Bytes> => sha256(concat(NODE, left, right));

/** True when the path leads from the leaf's hash at `index` to the root of a tree of `size` leaves. */
export async function includes(
  leaf: Uint8Array, index: number, size: number, path: readonly Uint8Array[], root: Uint8Array,
): Promise<boolean> {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if ([leaf, root, ...path].some((hash) => hash.length !== HASH_LENGTH)) return false;
  // Division, not shifts: JavaScript's shifts end at 32 bits and a log may grow past that.
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = await nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = await nodeHash(hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && same(hash, root);
}
