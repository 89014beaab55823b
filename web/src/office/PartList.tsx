// The parts of a publication, with what is new and what has gone marked in words.
import type { DiffLine, Part } from "./publishDiff";

const MARK: Record<DiffLine["kind"], string> = { same: "", new: "New: ", gone: "Gone: " };

export function PartList({ parts }: { parts: readonly Part[] }) {
  return (
    <dl class="parts">
      {parts.map(({ what, changed, lines }) => (
        <div key={what}>
          <dt>{what}{changed && <strong> (changed)</strong>}</dt>
          {lines.map(({ kind, text }, at) => (
            <dd key={at} class="note-text">{kind === "new" ? <ins><strong>{MARK.new}</strong>{text}</ins> : kind === "gone" ? <del><strong>{MARK.gone}</strong>{text}</del> : text}</dd>
          ))}
        </div>
      ))}
    </dl>
  );
}
