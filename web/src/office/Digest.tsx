// The hand-over of the morning: what happened since the evening, the calls that wait, and the notes that were left.
import { shortDate } from "../words/dates";
import { reasonName } from "../words/terms";
import { Loaded, Page, Table, useLoaded } from "./kit";

interface HandOver { id: string; at: string; by: { name: string }; text: string }
interface OfAccount { account: string; name: string; team: string; open: number; urgent: number; done: number; hidden: number; deleted: number; notes: HandOver[] }
interface Call { id: string; post: string; account: string; reason: string; at: string; by: { name: string } }
interface Night { since: string; until: string; accounts: OfAccount[]; calls: Call[]; quiet: number; more: boolean }

export default function Digest() {
  const digest = useLoaded<Night>("/digest");
  return (
    <Page title="Hand-over" lead="What happened since five in the afternoon of the last day that is over, on the accounts within your reach.">
      <Loaded of={digest}>{(night) => <Read night={night} />}</Loaded>
    </Page>
  );
}

function Read({ night: { since, until, accounts, calls, quiet, more } }: { night: Night }) {
  const notes = accounts.flatMap((one) => one.notes.map((note) => ({ ...note, name: one.name })));
  return (
    <>
      <p>From {shortDate(since)} to {shortDate(until)}. {quiet === 1 ? "One account was" : `${quiet} accounts were`} quiet.</p>
      {more && <p class="inset">More happened than is counted here: look at the queues themselves.</p>}
      <Table
        caption="Accounts on which anything happened, the most urgent first" rows={accounts} id={({ account }) => account} none="It was a quiet night."
        columns={[
          { name: "Account", cell: ({ account, name }) => <a href={`#/inbox/${encodeURIComponent(`account:${account}`)}`}>{name}</a> },
          { name: "High risk, open", number: true, cell: ({ urgent }) => urgent },
          { name: "Arrived, still open", number: true, cell: ({ open }) => open },
          { name: "Closed", number: true, cell: ({ done }) => done },
          { name: "Hidden", number: true, cell: ({ hidden }) => hidden },
          { name: "Deleted", number: true, cell: ({ deleted }) => deleted },
        ]}
      />
      <Table
        caption="Calls that nobody has taken on" rows={calls} id={({ id }) => id} none="No call waits for an answer."
        columns={[
          { name: "Called", cell: ({ at, by }) => `${shortDate(at)} by ${by.name}` },
          { name: "Why", cell: ({ reason }) => reasonName(reason) },
          { name: "Post", cell: ({ post, account }) => <a href={`#/inbox/${encodeURIComponent(`account:${account}`)}/${encodeURIComponent(post)}`}>Open the post</a> },
        ]}
      />
      <Table
        caption="Hand-over notes" rows={notes} id={({ id }) => id} none="No notes were left."
        columns={[
          { name: "Account", cell: ({ name }) => name },
          { name: "By", cell: ({ by, at }) => `${by.name}, ${shortDate(at)}` },
          { name: "Note", cell: ({ text }) => text },
        ]}
      />
    </>
  );
}
