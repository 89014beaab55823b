// What waits for the person's word, and what they proposed themselves: the post as it is now, what is to be done, and why.
import { useSignal } from "@preact/signals";
import { store } from "../app";
import SentPicture from "../desk/SentPicture";
import type { Named, Picture, PostSummary } from "../types";
import { longDate } from "../words/dates";
import { platformName, reasonName, stateName, verbName } from "../words/terms";
import { Form, Loaded, Page, Select, orReload, useLoaded, useSaid } from "./kit";

interface Approval {
  id: string;
  post: PostSummary;
  verb: "delete" | "reply" | "message";
  text: string | null;
  reason: { code: string; ref?: string | null } | null;
  by: Named;
  at: string;
  until: string;
  own: boolean;
  changed: boolean;
  stranded?: boolean;
  picture?: Picture | null;
}

const NO = [
  { value: "not_justified", words: "There is no ground for it" }, { value: "wording", words: "The wording is not right" },
  { value: "another_way", words: "It should be dealt with in another way" }, { value: "dealt_with", words: "It has been dealt with" },
  { value: "other_rule", words: "A rule of the force speaks against it" },
] as const;

/** Those that wait for the person, then their own. */
export const mineLast = (found: readonly Approval[]): Approval[] => [...found].sort((one, other) => Number(one.own) - Number(other.own));

export default function Approvals() {
  const read = useLoaded<{ approvals: Approval[] }>("/approvals");
  const { said, done } = useSaid(read.reload);
  return (
    <Page title="Approvals" lead="On some accounts a second person has to agree before a post is deleted or answered. What is not decided within seven days is void.">
      <p role="status">{said}</p>
      <Loaded of={read}>
        {({ approvals }) => (approvals.length === 0
          ? <p class="quiet">Nothing waits for your approval.</p>
          : <>{mineLast(approvals).map((one) => <Waiting key={one.id} one={one} done={done} reload={read.reload} />)}</>)}
      </Loaded>
    </Page>
  );
}

function Waiting({ one, done, reload }: { one: Approval; done: (words: string) => string; reload: () => void }) {
  const reason = useSignal<string>(NO[0].value);
  const { post } = one;
  const path = `/posts/${encodeURIComponent(post.id)}/actions/${encodeURIComponent(one.id)}`;
  const what = one.verb === "reply" ? "Answer" : one.verb === "message" ? "Write in private to the author of" : "Delete";
  const author = post.author.name ?? post.author.handle ?? "somebody unknown";
  const send = (step: string, body: object, words: string) => async (): Promise<string> => {
    await orReload(store.api.write(`${path}/${step}`, body), reload);
    return done(words);
  };
  return (
    <section class="inset" aria-labelledby={`a-${one.id}`}>
      <h3 id={`a-${one.id}`}>{what} a {post.kind} by {author} on {post.account_name} ({platformName(post.platform)})</h3>
      <blockquote class="quoted"><p>{post.text || "(no text)"}</p></blockquote>
      <p><a href={`#/inbox/${encodeURIComponent(`account:${post.account}`)}`}>Open the account’s queue</a>. The post is {stateName(post.state).toLocaleLowerCase("en-GB")}.</p>
      {one.changed && <p><strong>The post has other words by now than those this was proposed on.</strong></p>}
      {one.stranded === true && <p><strong>Nobody is left who may approve this: the lead and the deputy of the account cannot sign in any more.</strong> Ask an administrator to name others.</p>}
      {one.verb !== "delete" && <><p>Proposed words:</p><blockquote class="quoted"><p>{one.text}</p></blockquote></>}
      {one.picture && <><p>With this picture, described as “{one.picture.alt}”:</p><SentPicture post={post.id} action={one.id} alt={one.picture.alt} /></>}
      <p>
        {one.own ? "You proposed this" : `${one.by.name} proposed this`} on {longDate(one.at)}
        {one.reason !== null && ` (${reasonName(one.reason.code)}${one.reason.ref ? `, ${one.reason.ref}` : ""})`}; it is void on {longDate(one.until)}.
      </p>
      {one.own
        ? <Form action="Withdraw" send={send("withdraw", {}, "Your proposal is withdrawn.")} />
        : (
          <>
            <Form action={`Approve: ${verbName(one.verb).toLocaleLowerCase("en-GB")}`} danger={one.verb === "delete"}
              send={send("approve", { rev: post.rev }, "Approved: it is sent once it is sealed.")} />
            <Form action="Reject" send={send("reject", { reason: reason.value }, "Rejected: nothing is sent.")}>
              <Select id={`no-${one.id}`} label="Why not" value={reason.value} options={NO} onChange={(value) => { reason.value = value; }} />
            </Form>
          </>
        )}
    </section>
  );
}
