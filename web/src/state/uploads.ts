// Sending a picture or film: announced to the API, sent straight to the bucket in parts, then checked. What broke off is
// taken up again with the parts that are missing.
import { ApiError } from "../api";

export interface Asset {
  id: string; state: "uploading" | "checking" | "ready" | "refused" | "dropped" | "expired"; kind: "picture" | "video"; type: string; size: number; part: number;
  width: number | null; height: number | null; seconds: number | null; problem: string | null; link: string | null;
}
interface Part { number: number; size: number; url: string }
interface Links { parts: Part[]; expires_at: string }

export interface Api {
  read: <T>(path: string) => Promise<T>;
  write: <T>(path: string, body: object) => Promise<T>;
}
/** Sends bytes to an address and tells how many are on their way; false when they did not arrive. */
export type Put = (url: string, body: Blob, told: (bytes: number) => void, stop: AbortSignal) => Promise<boolean>;

export interface Told {
  /** Of how many bytes has it been told that they are sent, of all. */
  progress: (bytes: number) => void;
  /** All of it is there, and is looked at. */
  checking: () => void;
}

export const TYPES: readonly string[] = ["image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "video/quicktime"];
const AT_ONCE = 3;
const CHECK_MS = 1_000;
// A minute of looking each second; a file that is not looked at by then has the page look less often, and then no more.
const SOON = 60;
const LATER_MS = 10_000;
const MOST_LOOKS = 150;
// Rounds in which no part arrived: the line is down, and the person is told.
const MOST_IDLE = 4;
const IDLE_MS = 2_000;

// A link lasts ten minutes. Each is on record, so one that fails at once is no reason to ask for another.
const LINK_LEAST_MS = 60_000;

/** Whether a link that shows nothing may have ended, given when it was read: then another one helps. */
export const mayHaveEnded = (readAt: number, now: number): boolean => now - readAt >= LINK_LEAST_MS;

/** Somebody gave it up. */
export class StoppedError extends Error {}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class Upload {
  /** What the API calls it, once it does. */
  id: string | null;
  private readonly stop = new AbortController();
  /** All of it is there: nothing is left to give up. */
  private whole = false;

  constructor(
    private readonly file: Blob,
    private readonly api: Api,
    private readonly put: Put,
    known: string | null = null,
    private readonly wait: (ms: number) => Promise<void> = pause,
  ) {
    this.id = known;
  }

  /** Send it, or what is missing of it, and return what it was found to be: `ready`, or `refused` with the reason. */
  async send(told: Told): Promise<Asset> {
    const known = this.id;
    let asset = await this.begun();
    if (asset.state === "uploading") {
      try {
        await this.parts(asset, told);
      } catch (failure) {
        // Begun days ago, and cleared away since: chosen again, it is sent anew.
        if (asset.id !== known || !(failure instanceof ApiError && failure.status === 409)) throw failure;
        asset = await this.announced();
        await this.parts(asset, told);
      }
      this.goOn();
      asset = await this.api.write<Asset>(`/assets/${asset.id}/complete`, {});
    }
    this.whole = true;
    told.checking();
    for (let looks = 0; asset.state === "checking"; looks += 1) {
      if (looks === MOST_LOOKS) throw new Error("It is there, and has not been looked at for a quarter of an hour. Choose the file again later: it is not sent again.");
      await this.wait(looks < SOON ? CHECK_MS : LATER_MS);
      this.goOn();
      asset = await this.api.read<Asset>(`/assets/${asset.id}`);
    }
    return asset;
  }

  /** Give it up, here and there. */
  async drop(): Promise<void> {
    this.stop.abort();
    if (this.id === null || this.whole) return;
    try {
      await this.api.write(`/assets/${this.id}/drop`, {});
    } catch (failure) {
      // Its end was on its way at this moment: then it lies there, and no publication shows it.
      if (!(failure instanceof ApiError && failure.status === 409)) throw failure;
    }
  }

  private goOn(): void {
    if (this.stop.signal.aborted) throw new StoppedError();
  }

  private async begun(): Promise<Asset> {
    if (this.id !== null) {
      const known = await this.api.read<Asset>(`/assets/${this.id}`).catch((failure: unknown) => {
        // Only what is not there is begun anew: when the line is down, what has arrived must not be sent again.
        if (failure instanceof ApiError && failure.status === 404) return null;
        throw failure;
      });
      if (known !== null && known.state !== "dropped" && known.state !== "refused" && known.state !== "expired") return known;
    }
    return this.announced();
  }

  private async announced(): Promise<Asset> {
    const made = await this.api.write<Asset>("/assets", { type: this.file.type, size: this.file.size });
    this.id = made.id;
    this.goOn();
    return made;
  }

  private async parts({ id, part, size }: Asset, { progress }: Told): Promise<void> {
    for (let idle = 0; ; ) {
      this.goOn();
      const { parts } = await this.api.read<Links>(`/assets/${id}/parts`);
      if (parts.length === 0) return;
      const count = Math.ceil(size / part);
      const first = parts[0]?.number ?? 1;
      // Parts arrive in about their order: what stands before the first that is missing is there.
      const before = Math.min((first - 1) * part, size);
      progress(before);
      const arrived = await this.round(parts, part, (bytes) => progress(Math.min(before + bytes, size)));
      idle = arrived > 0 ? 0 : idle + 1;
      if (idle === MOST_IDLE) throw new Error(`None of ${count} parts arrives. Look at the connection, then choose the file again: what has arrived stays.`);
      if (idle > 0) await this.wait(IDLE_MS * idle);
    }
  }

  /** Send parts, some at once; return how many arrived. */
  private async round(parts: readonly Part[], length: number, told: (bytes: number) => void): Promise<number> {
    const waiting = [...parts];
    const sent = new Map<number, number>();
    let arrived = 0;
    const worker = async (): Promise<void> => {
      for (let part = waiting.shift(); part !== undefined && !this.stop.signal.aborted; part = waiting.shift()) {
        const { number, size, url } = part;
        const tell = (bytes: number): void => {
          sent.set(number, bytes);
          told([...sent.values()].reduce((all, one) => all + one, 0));
        };
        const begin = (number - 1) * length;
        if (await this.put(url, this.file.slice(begin, begin + size), tell, this.stop.signal)) {
          arrived += 1;
          tell(size);
        } else {
          sent.delete(number);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return arrived;
  }
}

/** What a browser does: fetch does not tell how far it is. */
export const put: Put = (url, body, told, stop) =>
  new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.upload.onprogress = ({ loaded }) => told(loaded);
    request.onload = () => resolve(request.status >= 200 && request.status < 300);
    request.onerror = () => resolve(false);
    request.onabort = () => resolve(false);
    stop.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
