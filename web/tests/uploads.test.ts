import { describe, expect, it } from "vitest";
import { ApiError } from "../src/api";
import { percent, problemOfFile, sizeWords } from "../src/office/publishWords";
import { type Api, type Asset, type Put, StoppedError, Upload, mayHaveEnded } from "../src/state/uploads";

const PART = 4;
const at = <T>(value: T): Promise<T> => Promise.resolve(value);

/** An API and a bucket in memory, with parts of four bytes; `down` says which parts do not arrive, and how often. */
function desk({ down = {}, links = 2, end = "ready" }: { down?: Record<number, number>; links?: number; end?: Asset["state"] } = {}) {
  const parts = new Map<number, string>();
  const calls: string[] = [];
  let [size, state, looks]: [number, Asset["state"], number] = [0, "uploading", 0];
  const missing = (): number[] => Array.from({ length: Math.ceil(size / PART) }, (_, index) => index + 1).filter((number) => !parts.has(number));
  const asset = (): Asset => ({ id: "A", state, kind: "video", type: "video/mp4", size, part: PART, width: null, height: null, seconds: null, problem: end === "refused" ? "Cut short." : null, link: null });
  const api: Api = {
    read: <T>(path: string) => {
      calls.push(`GET ${path}`);
      if (path.endsWith("/parts")) return at({ parts: missing().slice(0, links).map((number) => ({ number, size: Math.min(PART, size - (number - 1) * PART), url: `put:${number}` })), expires_at: "" } as T);
      if (state === "checking" && (looks += 1) > 2) state = end;
      return at(asset() as T);
    },
    write: <T>(path: string, body: object) => {
      calls.push(`POST ${path}`);
      if (path === "/assets") size = (body as { size: number }).size;
      if (path.endsWith("/complete")) state = "checking";
      if (path.endsWith("/drop")) {
        if (state !== "uploading") return Promise.reject(new ApiError(409, "conflict", "It is there."));
        state = "dropped";
      }
      return at(asset() as T);
    },
  };
  const sent: Put = async (url, body, told) => {
    const number = Number(url.slice(4));
    told(body.size);
    if ((down[number] ?? 0) > 0) {
      down[number] = (down[number] ?? 0) - 1;
      return false;
    }
    parts.set(number, await body.text());
    return true;
  };
  return { api, sent, parts, calls };
}
const FILM = new Blob(["0123456789"], { type: "video/mp4" });
const quiet = { progress: () => undefined, checking: () => undefined };
const start = (from: ReturnType<typeof desk>, known: string | null = null): Upload => new Upload(FILM, from.api, from.sent, known, () => at(undefined));

describe("an upload", () => {
  it("is announced, sent in parts, completed, and waited for", async () => {
    const from = desk();
    const told: number[] = [];
    let checking = 0;
    const asset = await start(from).send({ progress: (bytes) => told.push(bytes), checking: () => { checking += 1; } });
    expect(asset.state).toBe("ready");
    expect([...from.parts.entries()].sort(([one], [other]) => one - other).map(([, words]) => words)).toEqual(["0123", "4567", "89"]);
    expect(Math.max(...told)).toBe(10);
    expect(checking).toBe(1);
    expect(from.calls.filter((call) => call.startsWith("POST"))).toEqual(["POST /assets", "POST /assets/A/complete"]);
  });
  it("sends a part again that did not arrive", async () => {
    const from = desk({ down: { 2: 2 } });
    expect((await start(from).send(quiet)).state).toBe("ready");
    expect(from.parts.get(2)).toBe("4567");
  });
  it("says so when nothing arrives any more, and goes on with what is missing when it is chosen again", async () => {
    const from = desk({ down: { 3: 4 } });
    const first = start(from);
    await expect(first.send(quiet)).rejects.toThrow("what has arrived stays");
    from.parts.set(1, "kept");
    expect((await start(from, first.id).send(quiet)).state).toBe("ready");
    expect(from.parts.get(1)).toBe("kept");
    expect(from.calls.filter((call) => call === "POST /assets")).toHaveLength(1);
  });
  it("stops waiting for what nobody looks at, and goes on with it when it is chosen again", async () => {
    const from = desk();
    const never: Api = { ...from.api, read: <T>(path: string) => (path.endsWith("/parts") ? from.api.read<T>(path) : at({ id: "A", state: "checking" } as T)) };
    let waited = 0;
    const upload = new Upload(FILM, never, from.sent, null, (ms) => at(void (waited += ms)));
    await expect(upload.send(quiet)).rejects.toThrow("Choose the file again later");
    expect(waited).toBe(960_000);
    expect((await start(from, upload.id).send(quiet)).state).toBe("ready");
    expect(from.calls.filter((call) => call === "POST /assets")).toHaveLength(1);
  });
  it("hands on why it is not taken", async () => {
    const asset = await start(desk({ end: "refused" })).send(quiet);
    expect([asset.state, asset.problem]).toEqual(["refused", "Cut short."]);
  });
  it("is given up here and there, also when all of it had arrived", async () => {
    const from = desk({ down: { 1: 99, 2: 99, 3: 99 } });
    const upload = start(from);
    const sent = upload.send(quiet);
    await upload.drop();
    await expect(sent).rejects.toThrow(StoppedError);
    const whole = desk();
    const done = start(whole);
    await done.send(quiet);
    await expect(done.drop()).resolves.toBeUndefined();
    expect(whole.calls).not.toContain("POST /assets/A/drop");
  });
  it("begins anew when the one that broke off is not there any more", async () => {
    const from = desk();
    const gone: Api = { ...from.api, read: <T>(path: string) => (path === "/assets/old" ? Promise.reject(new ApiError(404, "not_found", "Gone")) : from.api.read<T>(path)) };
    const upload = new Upload(FILM, gone, from.sent, "old", () => at(undefined));
    expect((await upload.send(quiet)).state).toBe("ready");
    expect(upload.id).toBe("A");
  });
  it("begins anew when the bucket has cleared away what broke off", async () => {
    const from = desk();
    const lapsed: Api = { ...from.api, read: <T>(path: string) => {
      if (path === "/assets/old") return at({ id: "old", state: "uploading", kind: "video", size: 10, part: PART } as T);
      return path === "/assets/old/parts" ? Promise.reject(new ApiError(409, "conflict", "This upload has lapsed")) : from.api.read<T>(path);
    } };
    const upload = new Upload(FILM, lapsed, from.sent, "old", () => at(undefined));
    expect([(await upload.send(quiet)).state, upload.id]).toEqual(["ready", "A"]);
  });
  it.each(["dropped", "refused", "expired"] as const)("begins anew when the one that broke off has ended as %s", async (ended) => {
    const from = desk();
    const over: Api = { ...from.api, read: <T>(path: string) => (path === "/assets/old" ? at({ id: "old", state: ended } as T) : from.api.read<T>(path)) };
    const upload = new Upload(FILM, over, from.sent, "old", () => at(undefined));
    expect([(await upload.send(quiet)).state, upload.id]).toEqual(["ready", "A"]);
  });
  it("does not begin anew because the line is down", async () => {
    const from = desk();
    const down: Api = { ...from.api, read: () => Promise.reject(new ApiError(503, "unavailable", "Not now")) };
    const upload = new Upload(FILM, down, from.sent, "old", () => at(undefined));
    await expect(upload.send(quiet)).rejects.toThrow("Not now");
    expect([upload.id, from.calls]).toEqual(["old", []]);
  });
});

describe("a link that shows nothing", () => {
  it("is replaced only when it may have ended, as each is on record", () => {
    expect([mayHaveEnded(1_000, 1_500), mayHaveEnded(1_000, 61_000)]).toEqual([false, true]);
  });
});

describe("a file", () => {
  it("is refused before it is sent, in words", () => {
    const file = (part: Partial<File>): Pick<File, "name" | "type" | "size"> => ({ name: "clip", type: "video/mp4", size: 5, ...part });
    expect(problemOfFile(file({}))).toBe("");
    expect(problemOfFile(file({ type: "video/avi" }))).toContain("not of a type");
    expect(problemOfFile(file({ size: 0 }))).toContain("empty");
    expect(problemOfFile(file({ size: 5 * 1024 ** 3 }))).toBe("clip has 5,120 MB; a film may have 4,096 MB. Cut it, or export it in a lower quality.");
    expect(problemOfFile(file({ type: "image/png", size: 21 * 1024 ** 2 }))).toContain("Save it smaller");
  });
  it("has a size that people say", () => {
    expect([sizeWords(10), sizeWords(2_000), sizeWords(35_138_578)]).toEqual(["1 KB", "2 KB", "34 MB"]);
    expect([percent(0, 0), percent(1, 3), percent(9, 3)]).toEqual([0, 33, 100]);
  });
});
