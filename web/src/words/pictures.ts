// What is said of a picture that is to go with an answer, before any of it is sent.
import type { Picture, PictureLimits } from "../types";

const MEGABYTE = 1024 * 1024;
export const MOST_ALT = 1_000;
const NAMES: Readonly<Record<string, string>> = { "image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/gif": "GIF" };

const kinds = (types: readonly string[]): string => types.map((type) => NAMES[type] ?? type).join(", ").replace(/, ([^,]*)$/, " or $1");

/** What a platform takes with an answer. */
export const takenOf = ({ types, size }: PictureLimits, platform: string): string => `${platform} takes ${kinds(types)} of ${size / MEGABYTE} MB at the most.`;

/** Why a file is not sent; nothing when it is. */
export function problemOfPicture({ name, type, size }: Pick<File, "name" | "type" | "size">, limits: PictureLimits, platform: string): string {
  if (!limits.types.includes(type)) return `${name} cannot go with this answer. ${takenOf(limits, platform)}`;
  if (size === 0) return `${name} is empty. Export it anew.`;
  return size > limits.size ? `${name} has ${(size / MEGABYTE).toFixed(1)} MB. ${takenOf(limits, platform)} Save it smaller.` : "";
}

/** What is wrong with the picture of an answer that is to be sent now; nothing when it may go. `id` names the form. */
export function problemOfAnswer(id: string, picture: Picture | null, sending: boolean): { field: string; text: string } | null {
  if (sending) return { field: `${id}-sending`, text: "Wait until the picture is sent and checked, or give it up" };
  if (picture === null) return null;
  if (picture.alt.trim() === "") return { field: `${id}-alt`, text: "Describe the picture for those who do not see it" };
  return picture.alt.length > MOST_ALT ? { field: `${id}-alt`, text: `Describe the picture in ${MOST_ALT} characters at the most` } : null;
}
