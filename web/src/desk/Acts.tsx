// What can be done beyond hiding and answering, what can still be taken back, and what somebody has to say or do again.
// Fetched with the first post that is opened.
import { useSignal } from "@preact/signals";
import { commands, store } from "../app";
import { Form, Select, TextField, may } from "../office/kit";
import type { Action, Picture, PostSummary, WriteResult } from "../types";
import { problemOfAnswer } from "../words/pictures";
import { REFERENCE, REMOVAL_REASONS, platformName, reasonName, verbName } from "../words/terms";
import AnswerPicture from "./AnswerPicture";
import { notOffered, open, unsettled } from "./acts";

const lower = (words: string): string => words.toLocaleLowerCase("en-GB");

/** Send one, and show the post as it then stands. */
const act = (id: string, path: string, body: object, words: string) => async (): Promise<string> => {
  const { post, action } = await store.api.write<WriteResult>(`/posts/${encodeURIComponent(id)}/${path}`, body);
  store.settle(id, "", post);
  return action?.state === "proposed" ? "Nothing is sent yet: a second person has to approve this, and was told." : words;
};

export default function Acts() {
  const detail = store.detail.value;
  const post = detail === null ? undefined : store.post(detail.id);
  if (detail === null || post === undefined) return null;
  const missing = notOffered(post, store.me.value?.permissions ?? []);
  return (
    <div class="together">
      {open(detail.actions).map((one) => <TakeBack key={one.id} post={post} action={one} />)}
      {unsettled(detail.actions).map((one) => <Unsettled key={one.id} post={post} action={one} />)}
      {missing !== null && <p class="quiet" data-testid="instead">{platformName(post.platform)} does not offer to {lower(verbName(missing.verb))} this. {missing.words}</p>}
      <More key={post.id} post={post} />
    </div>
  );
}

function TakeBack({ post, action }: { post: PostSummary; action: Action }) {
  if (!may("cancel")) return null;
  return <Form action={`Take back: ${lower(verbName(action.verb))}`} send={act(post.id, `actions/${encodeURIComponent(action.id)}/cancel`, {}, "Taken back: nothing was sent.")} />;
}

function Unsettled({ post, action }: { post: PostSummary; action: Action }) {
  if (action.state === "overtaken") {
    return (
      <div class="inset" role="alert" data-testid="overtaken">
        <p><strong>“{verbName(action.verb)}” was not sent.</strong> {action.why}</p>
        <p>To do it again, read the post and use the buttons above.</p>
      </div>
    );
  }
  const settle = (happened: boolean, words: string) =>
    act(post.id, `actions/${encodeURIComponent(action.id)}/settle`, { happened, rev: store.confirmed(post.id)?.rev ?? post.rev }, words);
  return (
    <div class="inset" role="alert" data-testid="unknown-action">
      <p><strong>“{verbName(action.verb)}”: nobody knows whether it happened.</strong> {action.why}</p>
      {may("settle") && (
        <>
          <Form action="I looked: it happened" send={settle(true, "Recorded: it happened.")} />
          <Form action="I looked: it did not happen" send={settle(false, "Recorded: it did not happen.")} />
        </>
      )}
    </div>
  );
}

const REASONS = REMOVAL_REASONS.map((value) => ({ value, words: reasonName(value) }));

function More({ post }: { post: PostSummary }) {
  const reason = useSignal<string>(REASONS[0]?.value ?? "abuse");
  const text = useSignal("");
  const number = useSignal("");
  const wrong = useSignal("");
  const picture = useSignal<Picture | null>(null);
  const busy = useSignal(false);
  const can = (verb: "ban" | "unban" | "like" | "message" | "report_post"): boolean => commands.may(post.id, verb);
  if (!(["ban", "unban", "like", "message", "report_post"] as const).some(can)) return null;
  const rev = (): number => store.confirmed(post.id)?.rev ?? post.rev;
  const send = (verb: string, more: () => object, words: string) => (): Promise<string> => act(post.id, verb, { rev: rev(), ...more() }, words)();
  const because = (): object => ({ reason: { code: reason.value } });
  const limits = may("draft") ? store.detail.value?.pictures.find(({ verb }) => verb === "message") : undefined;
  const written = (): { field: string; text: string }[] => {
    const unfit = problemOfAnswer("private", picture.value, busy.value);
    return [...(text.value.trim() === "" ? [{ field: "private-text", text: "Write the message first" }] : []), ...(unfit === null ? [] : [unfit])];
  };
  const numbered = (): { field: string; text: string }[] => {
    wrong.value = REFERENCE.test(number.value) ? "" : "Enter the number that the platform gave, such as FB/2026/7";
    return wrong.value === "" ? [] : [{ field: "report-number", text: wrong.value }];
  };
  return (
    <details>
      <summary>More: author, private message, report</summary>
      {can("like") && <Form action="Like" send={send("like", () => ({}), "Ordered: liked once it is sealed.")} />}
      {can("message") && (
        <Form action="Send in private" check={written} send={async () => {
          const pictured = picture.value === null ? {} : { picture: picture.value };
          const words = await send("message", () => ({ text: text.value.trim(), undo_seconds: 10, ...pictured }), "Ordered. You can take it back for ten seconds.")();
          text.value = "";
          picture.value = null;
          return words;
        }}>
          <TextField id="private-text" label={`Write to the author in private, as ${post.account_name}`} rows={3} value={text.value} onChange={(value) => { text.value = value; }} />
          {limits !== undefined && <AnswerPicture id="private" name={platformName(post.platform)} limits={limits} picture={picture.value} set={(one) => { picture.value = one; }} busy={(now) => { busy.value = now; }} />}
        </Form>
      )}
      {(can("ban") || can("report_post")) && <Select id="acts-reason" label="Reason to ban or report" value={reason.value} options={REASONS} onChange={(value) => { reason.value = value; }} />}
      {can("ban") && <Form danger action="Ban the author" send={send("ban", () => ({ ...because(), undo_seconds: 10 }), "Ordered. You can take it back for ten seconds.")} />}
      {can("unban") && <Form action="Let the author in again" send={send("unban", () => ({ reason: { code: "no_action" } }), "Ordered: let in again once it is sealed.")} />}
      {can("report_post") && (
        <Form action="Record the report" check={numbered} send={send("report", () => ({ ...because(), reference: number.value }), "Recorded.")}>
          <TextField id="report-number" label={`Number that ${platformName(post.platform)} gave for your report`} error={wrong.value} value={number.value} onChange={(value) => { number.value = value; }}
            hint="Report the post on the platform itself first, then record its number here." />
        </Form>
      )}
    </details>
  );
}
