// What was asked for and is not as it should be: nobody knows, stuck, put off, or failed within a day.
import { store } from "../app";
import type { Action, PostSummary } from "../types";
import { shortDate } from "../words/dates";
import { actionState, platformName, verbName } from "../words/terms";
import { Form, Loaded, Page, orReload, useLoaded, useSaid } from "./kit";

interface Stuck { trouble: "stuck" | "deferred" | "unknown" | "failed"; post: PostSummary; action: Action; lane: "single" | "bulk"; own: boolean; can: string[] }

const TROUBLE: Record<Stuck["trouble"], string> = {
  unknown: "Not known: somebody has to look", stuck: "Stuck for more than four minutes", deferred: "Put off: the platform is busy", failed: "Not done, within a day",
};
const ORDER: readonly Stuck["trouble"][] = ["unknown", "stuck", "failed", "deferred"];

/** One's own first within each kind; what is many at once is counted, and not listed one by one. */
export function sorted(found: readonly Stuck[]): { trouble: Stuck["trouble"]; single: Stuck[]; bulk: number }[] {
  return ORDER.map((trouble) => {
    const these = found.filter((one) => one.trouble === trouble);
    const single = these.filter(({ lane }) => lane === "single").sort((one, other) => Number(other.own) - Number(one.own));
    return { trouble, single, bulk: these.length - single.length };
  }).filter(({ single, bulk }) => single.length + bulk > 0);
}

export default function UnderWay() {
  const read = useLoaded<{ actions: Stuck[] }>("/actions");
  const { said, done } = useSaid(read.reload);
  return (
    <Page title="Under way" lead="What was asked for on your accounts and is not as it should be. Everything else was done.">
      <p role="status">{said}</p>
      <Loaded of={read}>
        {({ actions }) => (actions.length === 0
          ? <p class="quiet">Nothing is stuck, unknown or failed.</p>
          : (
            <>{sorted(actions).map(({ trouble, single, bulk }) => (
              <section key={trouble} aria-labelledby={`t-${trouble}`}>
                <h3 id={`t-${trouble}`}>{TROUBLE[trouble]} ({single.length + bulk})</h3>
                {bulk > 0 && <p>{bulk === 1 ? "One" : bulk} of them {bulk === 1 ? "belongs" : "belong"} to what was asked for many at once.</p>}
                {single.map((one) => <One key={one.action.id} one={one} done={done} reload={read.reload} />)}
              </section>
            ))}</>
          ))}
      </Loaded>
    </Page>
  );
}

function One({ one, done, reload }: { one: Stuck; done: (words: string) => string; reload: () => void }) {
  const { post, action } = one;
  const send = (step: string, body: object, words: string) => async (): Promise<string> => {
    await orReload(store.api.write(`/posts/${encodeURIComponent(post.id)}/actions/${encodeURIComponent(action.id)}/${step}`, body), reload);
    return done(words);
  };
  return (
    <section class="inset" aria-labelledby={`u-${action.id}`}>
      <h4 id={`u-${action.id}`}>{verbName(action.verb)}: a {post.kind} on {post.account_name} ({platformName(post.platform)})</h4>
      <blockquote class="quoted"><p>{post.text || "(no text)"}</p></blockquote>
      <p>{one.own ? "You asked" : `${action.by.name} asked`} on {shortDate(action.at)}; it is {actionState(action.state)}. {action.why ?? ""}</p>
      <p><a href={`#/inbox/${encodeURIComponent(`account:${post.account}`)}/${encodeURIComponent(post.id)}`}>Open the post</a></p>
      {one.can.includes("cancel") && <Form action="Take it back" send={send("cancel", {}, "Taken back: nothing was sent.")} />}
      {one.can.includes("settle") && (
        <>
          <Form action="I looked: it happened" send={send("settle", { happened: true, rev: post.rev }, "Recorded: it happened.")} />
          <Form action="I looked: it did not happen" send={send("settle", { happened: false, rev: post.rev }, "Recorded: it did not happen.")} />
        </>
      )}
    </section>
  );
}
