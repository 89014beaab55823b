// The one place that speaks HTTP. Every failure leaves here as an ApiError with the server's code.
import type {
  Account, Changes, HistoryEntry, InclusionProof, Me, PostDetail, QueuePage, QueueQuery, Ticket, Verb, WriteResult,
} from "./types";

export type Fetcher = (address: string, options?: RequestInit) => Promise<Response>;

export type WriteMethod = "POST" | "PUT" | "PATCH" | "DELETE";

interface Problem { code?: string; detail?: string; title?: string; by?: unknown; rev?: number }

/** A refusal or failure, in words that can be shown. `status` is 0 when the server was not reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Who acted first, on a conflict. */
    readonly by: string | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

const WRITE_ATTEMPTS = 3;
const RETRY_AFTER_MS = [400, 1500];
const WORTH_RETRYING = new Set([0, 429, 502, 503, 504]);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function nameOf(by: unknown): string | null {
  if (typeof by === "string") return by || null;
  if (by !== null && typeof by === "object" && "name" in by && typeof by.name === "string") return by.name || null;
  return null;
}

async function problemOf(response: Response): Promise<ApiError> {
  let problem: Problem = {};
  try {
    problem = (await response.json()) as Problem;
  } catch {
    // A gateway in between answers in HTML: its status still says enough.
    problem = {};
  }
  const words = problem.detail ?? problem.title ?? `The server answered ${response.status}.`;
  return new ApiError(response.status, problem.code ?? "unknown", words, nameOf(problem.by));
}

export class Api {
  constructor(
    private readonly fetcher: Fetcher = (address, options) => fetch(address, options),
    private readonly wait: (ms: number) => Promise<void> = pause,
  ) {}

  me = (): Promise<Me> => this.get("/me");
  /** All accounts in reach: most forces have one page of them. */
  async accounts(): Promise<Account[]> {
    const found: Account[] = [];
    for (let next = ""; ; ) {
      const page = await this.get<{ accounts: Account[]; next?: string | null }>(`/accounts${next}`);
      found.push(...page.accounts);
      if (!page.next) return found;
      next = `?cursor=${encodeURIComponent(page.next)}`;
    }
  }

  post = (id: string): Promise<PostDetail> => this.get(`/posts/${encodeURIComponent(id)}`);

  queue(query: QueueQuery): Promise<QueuePage> {
    const wanted = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) wanted.set(name, String(value));
    return this.get(`/queue?${wanted}`);
  }

  history = async (id: string): Promise<HistoryEntry[]> =>
    (await this.get<{ entries: HistoryEntry[] }>(`/posts/${encodeURIComponent(id)}/history`)).entries;

  proof = (id: string, leaf: string): Promise<InclusionProof> =>
    this.get(`/posts/${encodeURIComponent(id)}/history/${encodeURIComponent(leaf)}/proof`);

  /** What changed since the cursor. The browser's own cache revalidates with the ETag, so a quiet poll is a 304. */
  changes = (since: string): Promise<Changes> => this.get(`/changes?since=${encodeURIComponent(since)}`);

  ticket = (): Promise<Ticket> => this.send("/live/ticket", {}, crypto.randomUUID());
  signOut = (): Promise<unknown> => this.send("/auth/logout", {}, crypto.randomUUID());

  /** Carry out one verb. `key` makes a retry harmless: the server answers a known key with its first answer. */
  act = (id: string, verb: Verb, body: object, key: string): Promise<WriteResult> =>
    this.send(`/posts/${encodeURIComponent(id)}/${verb}`, body, key);

  /** Any other resource, for the screens that are fetched when they are opened. */
  read = <T>(path: string): Promise<T> => this.get<T>(path);

  /** Change any other resource; `key` makes a retry harmless. */
  write = <T>(path: string, body: object, method: WriteMethod = "POST", key = crypto.randomUUID() as string): Promise<T> =>
    this.send(path, body, key, method);

  private get<T>(path: string): Promise<T> {
    return this.call<T>(path, { cache: "no-cache" });
  }

  private async send<T>(path: string, body: object, key: string, method: WriteMethod = "POST"): Promise<T> {
    const options = {
      method,
      headers: { "Content-Type": "application/json", "X-Bluelamp": "1", "Idempotency-Key": key },
      body: JSON.stringify(body),
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.call<T>(path, options);
      } catch (error) {
        const again = error instanceof ApiError && WORTH_RETRYING.has(error.status) && attempt < WRITE_ATTEMPTS;
        if (!again) throw error;
        await this.wait(RETRY_AFTER_MS[attempt - 1] ?? 1500);
      }
    }
  }

  private async call<T>(path: string, options: RequestInit): Promise<T> {
    let response: Response;
    try {
      response = await this.fetcher(`/api${path}`, {
        ...options,
        credentials: "same-origin",
        headers: { Accept: "application/json", ...options.headers },
      });
    } catch {
      throw new ApiError(0, "unreachable", "Bluelamp could not be reached. Check your connection and try again.");
    }
    if (!response.ok) throw await problemOf(response);
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
  }
}
