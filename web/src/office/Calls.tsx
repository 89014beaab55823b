// The calls that nobody has taken on: who is asked now, when the next one is, and the press that takes it on.
import { store } from "../app";
import { shortDate } from "../words/dates";
import { reasonName, roleName } from "../words/terms";
import { nameOf } from "./accountChoice";
import { Form, Loaded, Page, Table, may, useLoaded } from "./kit";

interface Call {
  id: string; post: string; account: string; to: string; reason: string; by: { id: string; name: string };
  at: string; asked: string; next_at: string | null; state: string;
}


export function askedName(who: string): string {
  const [kind, which = ""] = who.split(/:(.*)/s);
  if (kind === "role") return roleName(which);
  return kind === "team" ? `Team ${which}` : which === store.myId ? "You" : "A colleague";
}

export default function Calls() {
  const calls = useLoaded<{ calls: Call[] }>("/calls");
  const take = async (call: Call): Promise<string> => {
    await store.api.write(`/calls/${encodeURIComponent(call.id)}/acknowledge`, {});
    calls.reload();
    return "Taken on.";
  };
  return (
    <Page title="Calls" lead="Posts that somebody was called to and nobody has taken on. Whoever does not answer in time is followed by the next in line; the control room is asked until somebody does.">
      <Loaded of={calls}>
        {({ calls: waiting }) => (
          <Table
            caption={`${waiting.length} waiting`} rows={waiting} id={({ id }) => id} none="Nobody is waiting for an answer."
            columns={[
              { name: "Account", cell: ({ account, post }) => <a href={`#/inbox/${encodeURIComponent(`account:${account}`)}/${encodeURIComponent(post)}`}>{nameOf(account)}</a> },
              { name: "Why", cell: ({ reason }) => reasonName(reason) },
              { name: "Called by", cell: ({ by, at }) => `${by.name}, ${shortDate(at)}` },
              { name: "Asked now", cell: ({ asked }) => askedName(asked) },
              { name: "Next in line", cell: ({ next_at: next }) => (next === null ? "" : shortDate(next)) },
              { name: "Answer", cell: (call) => (may("claim") ? <Form action="I take it" send={() => take(call)} /> : "") },
            ]}
          />
        )}
      </Loaded>
    </Page>
  );
}
