// Writing for the public: drafts, whose word it takes, when it goes out, and what became of it on each account.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { store } from "../app";
import { route } from "../route";
import { shortDate } from "../words/dates";
import { Shown } from "./ComposeShown";
import { Write } from "./ComposeWrite";
import { Loaded, Page, Table, useLoaded } from "./kit";
import { type Line, type Publication, STATE, addressOfPublication, blank, moving, unanswered } from "./publishWords";

interface Lines { publications: Line[]; next: string | null }
const LOOK_MS = 5_000;
// How often a page looks for the answers of platforms that it had asked before it leaves that to whoever reloads it.
const MOST_LOOKS = 24;
const go = (id: string): void => { location.hash = addressOfPublication(id); };

export default function Compose() {
  const list = useLoaded<Lines>("/publications");
  const id = route.value.queue === "open" ? "" : route.value.queue;
  const done = (saved: string): void => {
    go(saved);
    list.reload();
  };
  return (
    <Page title="Compose" lead="What the force says itself: written here, approved where an account asks for it, and sent once to each account.">
      {id !== "new" && <button type="button" class="button" onClick={() => go("new")}>Write something</button>}
      {id === "new" && <Write key="new" fields={blank()} publication={null} done={done} />}
      {id !== "" && id !== "new" && <One key={id} id={id} done={list.reload} />}
      <Loaded of={list}>{(first) => <List first={first} />}</Loaded>
    </Page>
  );
}

function List({ first }: { first: Lines }) {
  const more = useSignal<Lines | null>(null);
  const problem = useSignal("");
  const newest = new Set(first.publications.map(({ id }) => id));
  const publications = [...first.publications, ...(more.value?.publications ?? []).filter(({ id }) => !newest.has(id))];
  const { next } = more.value ?? first;
  const older = (): void => {
    store.api.read<Lines>(`/publications?cursor=${encodeURIComponent(next ?? "")}`).then(
      (page) => { more.value = { publications: [...(more.value?.publications ?? []), ...page.publications], next: page.next }; problem.value = ""; },
      () => { problem.value = "Older ones could not be read. Try again."; },
    );
  };
  return (
    <>
      <Table
        caption={`${publications.length}${next === null ? "" : " or more"} publications, the newest first`} rows={publications} id={({ id }) => id} none="Nothing was written yet."
        columns={[
          { name: "Words", cell: ({ id, text }) => <a href={addressOfPublication(id)}>{text.slice(0, 80) || "(no words)"}</a> },
          { name: "State", cell: ({ state }) => STATE[state] ?? state },
          { name: "Goes out", cell: ({ due }) => (due === null ? "" : shortDate(due)) },
          { name: "Accounts", cell: ({ accounts }) => accounts.length, number: true },
          { name: "By", cell: ({ by, changed_at: at }) => `${by.name}, ${shortDate(at)}` },
        ]}
      />
      {problem.value !== "" && <p class="error-message" role="alert">{problem.value}</p>}
      {next !== null && <button type="button" class="button" onClick={older}>Show older ones</button>}
    </>
  );
}

function One({ id, done }: { id: string; done: () => void }) {
  const read = useLoaded<Publication>(`/publications/${encodeURIComponent(id)}`);
  // When each copy had been looked at, as somebody asked the platforms anew.
  const asked = useSignal<Record<string, string | null>>({});
  const looks = useSignal(0);
  const copies = read.value?.copies ?? [];
  const busy = read.value !== null && (moving(read.value) || (unanswered(copies, asked.value) && looks.value < MOST_LOOKS));
  useEffect(() => {
    if (!busy) return undefined;
    const timer = setInterval(() => {
      if (document.hidden) return;
      looks.value += 1;
      read.reload();
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [busy]);
  const ask = (): void => {
    looks.value = 0;
    asked.value = Object.fromEntries(copies.filter(({ out_at: at }) => at !== null).map((copy) => [copy.id, copy.checked_at]));
  };
  return <Loaded of={read}>{(found) => <Shown publication={found} asked={ask} done={() => { read.reload(); done(); }} />}</Loaded>;
}
