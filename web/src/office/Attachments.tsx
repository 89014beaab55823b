// Pictures and films of a draft: chosen here, sent straight to the bucket, described for those who do not see them.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError } from "../api";
import { store } from "../app";
import { type Asset, StoppedError, TYPES, Upload, mayHaveEnded, put } from "../state/uploads";
import { TextField, useLoaded } from "./kit";
import { type Attached, percent, problemOfFile, sizeWords } from "./publishWords";

interface Props { assets: readonly Attached[]; publication: string | null; set: (change: (now: readonly Attached[]) => Attached[]) => void; busy: (now: boolean) => void }
interface Sending { key: string; name: string; size: number; bytes: number; checking: boolean; problem: string; upload: Upload }

const MOST = 10;
// Which file is which upload, so that one that broke off goes on when it is chosen again; forgotten with the page's tab.
const knownAs = ({ name, size, lastModified }: File): string => `upload:${size}:${lastModified}:${name}`;

export function Attachments({ assets, publication, set, busy }: Props) {
  const sending = useSignal<readonly Sending[]>([]);
  const under = sending.value.some(({ problem: words }) => words === "");
  useEffect(() => busy(under), [under]);
  const problem = useSignal("");
  const added = useSignal(0);
  const change = (key: string, part: Partial<Sending>): void => {
    sending.value = sending.value.map((one) => (one.key === key ? { ...one, ...part } : one));
  };
  // What had the focus is gone: it goes to the group, so that whoever uses the keyboard is still there.
  const refocus = (): void => document.getElementById("pub-assets")?.focus();
  const remove = (key: string): void => { sending.value = sending.value.filter((one) => one.key !== key); };
  const send = async (file: File): Promise<void> => {
    const known = knownAs(file);
    const upload = new Upload(file, store.api, put, sessionStorage.getItem(known));
    const key = crypto.randomUUID() as string;
    sending.value = [...sending.value, { key, name: file.name, size: file.size, bytes: 0, checking: false, problem: "", upload }];
    try {
      const asset = await upload.send({
        progress: (bytes) => {
          if (upload.id !== null) sessionStorage.setItem(known, upload.id);
          change(key, { bytes });
        },
        checking: () => change(key, { checking: true }),
      });
      sessionStorage.removeItem(known);
      if (asset.state !== "ready") {
        change(key, { problem: asset.problem ?? "It was given up." });
        return;
      }
      set((now) => [...now, { id: asset.id, alt: "" }]);
      added.value += 1;
      remove(key);
    } catch (failure) {
      if (failure instanceof StoppedError) return;
      change(key, { problem: failure instanceof Error ? failure.message : "It could not be sent. Choose it again." });
    }
  };
  const choose = (input: HTMLInputElement): void => {
    const files = [...(input.files ?? [])];
    input.value = "";
    const wrong = files.map(problemOfFile).find((words) => words !== "") ?? "";
    const coming = sending.value.filter((one) => one.problem === "").length;
    problem.value = wrong !== "" ? wrong : assets.length + coming + files.length > MOST ? `${MOST} pictures and films are the most for one publication.` : "";
    if (problem.value === "") for (const file of files) void send(file);
  };
  const stop = (one: Sending): void => {
    remove(one.key);
    refocus();
    one.upload.drop().catch((failure: unknown) => { problem.value = failure instanceof ApiError ? failure.message : "It could not be given up."; });
  };
  return (
    <fieldset class="field" id="pub-assets" tabIndex={-1}>
      <legend>Pictures and films</legend>
      {assets.map(({ id, alt }, at) => (
        <div key={id} class="asset">
          <Preview id={id} publication={publication} alt={alt} />
          <TextField
            id={`pub-alt-${id}`} label={`Description of number ${at + 1}`} hint="For those who do not see it; each picture needs one." value={alt} rows={2}
            onChange={(words) => set((now) => now.map((one) => (one.id === id ? { id, alt: words } : one)))}
          />
          <button type="button" class="button" onClick={() => { set((now) => now.filter((one) => one.id !== id)); refocus(); }}>Take number {at + 1} away</button>
        </div>
      ))}
      {sending.value.map((one) => (
        <div key={one.key} class="asset" data-testid="sending">
          {one.problem !== "" ? <p class="error-message" role="alert">{one.name}: {one.problem}</p> : (
            <>
              <label for={`pub-up-${one.key}`}>{one.name} ({sizeWords(one.size)}): {one.checking ? "being checked" : `${percent(one.bytes, one.size)} % sent`}</label>
              <progress id={`pub-up-${one.key}`} max={one.size} value={one.bytes} />
            </>
          )}
          <button type="button" class="button" onClick={() => stop(one)}>{one.problem === "" ? "Give it up" : "Leave it"}: {one.name}</button>
        </div>
      ))}
      {problem.value !== "" && <p class="error-message" role="alert">{problem.value}</p>}
      <label for="pub-files">Add pictures or films</label>
      <p class="quiet" id="pub-files-hint">JPEG, PNG, GIF or WebP of 20 MB, MP4 or QuickTime of 4 GB at the most. What a picture’s file tells of its camera and place is taken out; a film goes out as it is, with its camera and time, and is not taken when it may tell where.</p>
      <input type="file" id="pub-files" multiple accept={TYPES.join(",")} aria-describedby="pub-files-hint" onChange={(event) => choose(event.currentTarget)} />
      <p role="status" class="unseen">{under ? "Files are being sent." : added.value > 0 ? `Files added: ${added.value}. Describe each picture.` : ""}</p>
    </fieldset>
  );
}

interface PreviewProps { id: string; publication: string | null; alt: string }

/** What is to be seen, by a link of some minutes: where the publication carries it, else what oneself has just added. */
export function Preview({ id, publication, alt }: PreviewProps) {
  // In this order: to ask for somebody else's as for one's own is recorded as refused.
  const carried = useLoaded<Asset>(publication !== null ? `/publications/${encodeURIComponent(publication)}/assets/${encodeURIComponent(id)}` : null);
  const added = publication === null || carried.error !== "";
  const own = useLoaded<Asset>(added ? `/assets/${encodeURIComponent(id)}` : null);
  return <Seen of={carried.value ?? own.value} alt={alt} error={added ? own.error : ""} again={added ? own.reload : carried.reload} />;
}

/** The pictures and films of a publication, for whoever reads or approves it. */
export function Carried({ assets, publication }: { assets: readonly Attached[]; publication: string }) {
  const stem = `/publications/${encodeURIComponent(publication)}/assets/`;
  return <>{assets.map(({ id, alt }) => <Shown key={id} path={`${stem}${encodeURIComponent(id)}`} alt={alt} />)}</>;
}

/** What lies at an address of the API, which gives a link to it for some minutes. */
export function Shown({ path, alt }: { path: string; alt: string }) {
  const read = useLoaded<Asset>(path);
  return <Seen of={read.value} alt={alt} error={read.error} again={read.reload} />;
}

function Seen({ of, alt, error, again }: { of: Asset | null; alt: string; error: string; again: () => void }) {
  useEffect(() => {
    if (of?.state !== "checking") return undefined;
    const timer = setTimeout(again, 2_000);
    return () => clearTimeout(timer);
  }, [of]);
  const read = useRef(0);
  const lost = useSignal(false);
  useEffect(() => {
    read.current = Date.now();
    lost.value = false;
  }, [of]);
  // A link lasts some minutes: whoever comes back later gets another.
  const failed = (): void => {
    if (mayHaveEnded(read.current, Date.now())) again();
    else lost.value = true;
  };
  if (error !== "") return <p class="error-message">{error}</p>;
  if (lost.value) {
    return (
      <div role="alert">
        <p class="error-message">It cannot be shown. Look at the connection; when that is well, it is not there any more, or this browser does not show its kind.</p>
        <button type="button" class="button" onClick={again}>Show it again</button>
      </div>
    );
  }
  if (of === null) return <p role="status" class="quiet">Reading…</p>;
  if (of.state !== "ready" || of.link === null) return <p>{of.problem ?? "It is not checked yet."}</p>;
  return of.kind === "picture"
    ? <img class="asset-seen" src={of.link} alt={alt || "Not described yet"} width={of.width ?? undefined} height={of.height ?? undefined} onError={failed} />
    : <video class="asset-seen" src={of.link} controls preload="metadata" onError={failed} aria-label={alt || "A film, not described yet"} />;
}
