// Who speaks, where, to which account, and who holds the case.
import { store } from "../app";
import type { Named, PostSummary } from "../types";
import { flagName, kindName, platformName } from "../words/terms";
import { PlatformMark, RiskTag, StateTag, When, authorName } from "./bits";

export function Identity({ post }: { post: PostSummary }) {
  const account = store.accounts.value.find(({ id }) => id === post.account);
  return (
    <header class="identity" data-testid="identity">
      <div class="identity-head">
        <h2><PlatformMark platform={post.platform} />{authorName(post)}{post.author.handle !== null && post.author.name !== null && <span class="handle"> @{post.author.handle.replace(/^@/, "")}</span>}</h2>
        <span class="row-tags"><StateTag post={post} /><RiskTag risk={post.case.risk} /></span>
      </div>
      <p class="identity-line">
        {platformName(post.platform)} {kindName(post.kind).toLowerCase()} to <strong>{post.account_name}</strong>{account !== undefined && <span class="quiet"> ({account.team}{leadName(account.lead)})</span>}
      </p>
      <p class="identity-line quiet">
        <When iso={post.event_at} long />{post.edited && " · edited since"}{post.private && " · private message"}
        {post.permalink !== null && <> · <a href={post.permalink} target="_blank" rel="noopener noreferrer">See it on {platformName(post.platform)}<span class="unseen"> (opens in a new tab)</span></a></>}
      </p>
      <Holding post={post} />
    </header>
  );
}

function leadName(lead: string | Named | null): string {
  if (lead === null || lead === "") return "";
  return `, lead ${typeof lead === "string" ? lead : lead.name}`;
}

function Holding({ post: { case: { claimed_by: holder, claimed_at: since, flagged_to: flag } } }: { post: PostSummary }) {
  const mine = holder?.id === store.myId;
  return (
    <>
      {holder !== null && (
        <p class={`holding ${mine ? "" : "others"}`} data-testid="holder">
          {mine ? "You have claimed this post." : <><strong>{holder.name}</strong> has claimed this post{since !== null && <> (<When iso={since} />)</>}. Ask before you act.</>}
        </p>
      )}
      {flag !== null && <p class="holding">Flagged to {flagName(flag)}.</p>}
    </>
  );
}
