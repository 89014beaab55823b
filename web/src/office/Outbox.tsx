// What would have gone out by e-mail or telephone: on a trial machine, which nothing leaves.
import { shortDate } from "../words/dates";
import { Loaded, Page, Table, useLoaded } from "./kit";

interface Kept { key: string; person: string; at: string; subject: string; text: string; link: string }

/** The place on this page that a link leads to. */
export const placeOf = (link: string): string => (link.includes("#") ? link.slice(link.indexOf("#")) : "#/");

export default function Outbox() {
  const outbox = useLoaded<{ messages: Kept[] }>("/outbox");
  return (
    <Page title="Outbox" lead="This machine sends nothing. Here is what would have gone out; an administrator sees everybody’s.">
      <Loaded of={outbox}>
        {({ messages }) => (
          <Table
            caption="Messages, newest first" rows={messages} id={({ key, person }) => `${person} ${key}`} none="Nothing would have gone out yet."
            columns={[
              { name: "Subject", cell: ({ subject, link }) => <a href={placeOf(link)}>{subject}</a> },
              { name: "Text", cell: ({ text }) => text },
              { name: "To", cell: ({ person }) => person },
              { name: "When", cell: ({ at }) => shortDate(at) },
            ]}
          />
        )}
      </Loaded>
    </Page>
  );
}
