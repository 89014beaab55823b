// Small pieces that several views share.
import type { PostSummary, Risk } from "../types";
import { longDate, shortDate } from "../words/dates";
import { decisionName, platformName, riskName, stateName } from "../words/terms";
import { pieces } from "../words/text";

export function When({ iso, long = false }: { iso: string; long?: boolean }) {
  return <time dateTime={iso} title={longDate(iso)}>{long ? longDate(iso) : shortDate(iso)}</time>;
}

export function RiskTag({ risk }: { risk: Risk }) {
  if (risk === "none") return null;
  return <span class={`tag risk-${risk}`}>{riskName(risk)}</span>;
}

/** What happened to the post, when something did. */
export function StateTag({ post }: { post: PostSummary }) {
  if (post.state !== "visible") return <span class="tag state" data-testid="state">{stateName(post.state)}</span>;
  const decision = post.case.decision;
  if (post.case.state === "closed" && decision !== null) return <span class="tag state" data-testid="state">{decisionName(decision)}</span>;
  return null;
}


export function PlatformMark({ platform }: { platform: string }) {
  return <span class={`platform ${platform}`} aria-hidden="true">{platform === "x" ? "X" : platformName(platform).charAt(0).toLowerCase()}</span>;
}

/** A post's text with the words that gave the reasons marked. */
export function Marked({ text, spans }: { text: string; spans: readonly (readonly [number, number])[] }) {
  if (spans.length === 0) return <>{text}</>;
  return <>{pieces(text, spans).map((piece, at) => (piece.marked ? <mark key={at}>{piece.text}</mark> : piece.text))}</>;
}

const MEDIA: Record<string, string> = { photo: "Picture", image: "Picture", picture: "Picture", video: "Video", link: "Link preview" };

/** Media is named, not loaded: the page fetches nothing from a platform. */
export function Media({ media }: { media: readonly { kind: string }[] }) {
  if (media.length === 0) return null;
  return (
    <ul class="media" aria-label="Media">
      {media.map(({ kind }, at) => <li key={at}>{MEDIA[kind] ?? "Attachment"}<span class="quiet"> (not shown)</span></li>)}
    </ul>
  );
}

export const authorName = (post: PostSummary): string => post.author.name ?? post.author.handle ?? "Unknown author";
