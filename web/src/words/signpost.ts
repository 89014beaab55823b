// Where the police would have the public turn instead: 999 when somebody has to come now, 101 when it can wait.
import type { Reason } from "../types";

export type Signpost = "999" | "101";

/** The number that the judgement of a post proposes to point its writer to; null when it proposes none. */
export function signpostOf({ reasons }: { reasons: readonly Pick<Reason, "effects">[] }): Signpost | null {
  const proposed = reasons.filter(({ effects }) => effects.includes("propose_signpost"));
  if (proposed.length === 0) return null;
  return proposed.some(({ effects }) => effects.includes("alert_person")) ? "999" : "101";
}

/** Whether words name the number, and not one that it is a part of. */
export const names = (text: string, number: Signpost): boolean => new RegExp(`(^|[^0-9])${number}([^0-9]|$)`).test(text);

/** Replies in the order in which they are offered: those that name the number first, the rest as they were. */
export function offered<Reply extends { title: string; text: string }>(replies: readonly Reply[], number: Signpost | null): Reply[] {
  if (number === null) return [...replies];
  const fits = ({ title, text }: Reply): boolean => names(`${title} ${text}`, number);
  return [...replies.filter(fits), ...replies.filter((one) => !fits(one))];
}
