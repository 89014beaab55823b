// Pictures and films in the preview of an account, laid out about as its platform does. They are what the attachments
// beside have read already: here nothing is asked for, as each look at a file is on record.
import { useSignal } from "@preact/signals";
import { useContext } from "preact/hooks";
import { type Asset, mayHaveEnded } from "../state/uploads";
import { lengthOf, lengthWords, tilesOn } from "./publishPreview";
import type { Attached } from "./publishWords";
import { Shared } from "./readings";

interface Props {
  platform: string;
  assets: readonly Attached[];
  /** Whether it is read out: the first account's is; the same pictures on the others are looked at alone. */
  told: boolean;
}

export function PreviewMedia({ platform, assets, told }: Props) {
  if (assets.length === 0) return null;
  const { shown, more } = tilesOn(platform, assets);
  return (
    <ul class={`tiles tiles-${platform === "facebook" ? "facebook" : "x"} tiles-${Math.min(shown.length, 6)}`} data-testid="tiles" role="list" aria-label="What goes with it" aria-hidden={!told || undefined}>
      {shown.map((one, at) => (
        <li key={one.id} class="tile">
          <Tile of={one} number={at + 1} told={told} />
          {more > 0 && at === shown.length - 1 && <span class="tile-more"><span aria-hidden="true">+{more}</span><span class="unseen">and {more} more</span></span>}
        </li>
      ))}
    </ul>
  );
}

function Tile({ of: { id, alt }, number, told }: { of: Attached; number: number; told: boolean }) {
  const read = useContext(Shared)?.find(`/assets/${encodeURIComponent(id)}`);
  const lost = useSignal("");
  if (read === undefined) return <Missing words={`Number ${number}: see above`} />;
  const asset = read.value as Asset;
  const { kind, link, seconds } = asset;
  if (asset.state !== "ready" || link === null) return <Missing words={`Number ${number} ${asset.problem === null ? "is not checked yet" : "cannot go out"}`} />;
  // A link lasts some minutes; another one is for everybody who shows the file.
  const failed = (): void => {
    lost.value = link;
    if (mayHaveEnded(read.at, Date.now())) read.again();
  };
  const gone = lost.value === link;
  if (kind === "picture") {
    return gone
      ? <Missing words={`Number ${number} cannot be shown here`} />
      : <img src={link} alt={told ? alt || `Number ${number}, not described yet` : ""} width={asset.width ?? undefined} height={asset.height ?? undefined} onError={failed} />;
  }
  const said = `Film${seconds === null ? "" : ` of ${lengthWords(seconds)}`}: ${alt || "not described yet"}`;
  return (
    <div class="tile-film" role="img" aria-label={said}>
      {gone ? <Missing words={`Number ${number} cannot be shown here`} /> : <video src={link} preload="metadata" muted playsInline disablePictureInPicture tabIndex={-1} onError={failed} />}
      <span class="tile-length">▶ {seconds === null ? "Film" : lengthOf(seconds)}</span>
    </div>
  );
}

const Missing = ({ words }: { words: string }) => <span class="tile-missing">{words}</span>;
