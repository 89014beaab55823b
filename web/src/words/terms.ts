// Codes of the API in plain words. An unknown code is shown as it is, with spaces: a new server never breaks the page.

const plain = (code: string): string => code.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());

const PLATFORMS: Record<string, string> = { facebook: "Facebook", x: "X" };
const KINDS: Record<string, string> = {
  post: "Post", comment: "Comment", reply: "Reply", mention: "Mention", message: "Message",
};
const RISKS: Record<string, string> = {
  none: "No risk found", low: "Low risk", medium: "Medium risk", high: "High risk", critical: "Critical risk",
};
const REASONS: Record<string, string> = {
  abuse: "Abuse", hate: "Hate", threat: "Threat", personal_data: "Personal data", spam: "Spam", off_topic: "Off topic",
  sub_judice: "Sub judice (court case under way)", impersonation: "Impersonation", answered: "Already answered",
  no_action: "No action needed", other_rule: "Breaks another rule of the page", crime_report: "Crime report",
  life_risk: "Threat to life?", self_harm: "Self-harm or distress", appeal_lead: "Lead for an appeal",
};
const STATES: Record<string, string> = {
  hiding: "Being hidden", hidden: "Hidden", unhiding: "Being shown again", deleting: "Being deleted", deleted: "Deleted",
  removed: "Removed by its author or the platform",
};
const ACTION_STATES: Record<string, string> = {
  proposed: "waiting for approval", rejected: "rejected", withdrawn: "withdrawn", expired: "void, nobody approved it in time",
  pending: "waiting for the seal", released: "on its way to the platform", sending: "on its way to the platform", done: "done", failed: "failed",
  cancelled: "cancelled", unknown: "not known, look on the platform", overtaken: "not sent, the post changed", already: "was so already",
  deferred: "put off, the platform is busy",
};
/** How a closed case of a post that stands visible on the platform is shown: hidden once, it is shown again by now. */
const DECISIONS: Record<string, string> = { hidden: "Shown again", dismissed: "Dismissed", replied: "Replied" };
const VERBS: Record<string, string> = {
  claim: "Claim", release: "Release", hide: "Hide", unhide: "Show again", delete: "Delete", reply: "Reply",
  dismiss: "Dismiss", flag: "Flag", note: "Add a note", assign: "Assign", ban: "Ban the author", unban: "Let the author in again",
  like: "Like", message: "Write in private", report: "Report to the platform",
};
const RECORDS: Record<string, string> = {
  ingest: "Received", classify: "Graded", view: "Viewed", search: "Listed", export: "Exported", intent: "Ordered",
  outcome: "Result", restore: "Restored", retain: "Kept", erase: "Erased", denied: "Refused", claim: "Claimed",
  release: "Released", note: "Note added", flag: "Flagged", dismiss: "Dismissed", decide: "Dismissed", attest: "Attested", assign: "Assigned", tag: "Tagged",
  reference: "Reference", report: "Reported",
};
/** What a record says of something that needed a second person. */
const PROPOSALS: Record<string, string> = {
  asked: "Proposed", approved: "Approved", rejected: "Rejected", withdrawn: "Withdrawn", expired: "Void, not approved in time",
};
const ROLES: Record<string, string> = {
  comms: "communications", local: "local team", control: "control room", supervisor: "supervisor", auditor: "auditor",
  admin: "administrator", system: "Bluelamp", public: "public", platform: "platform", rule: "rule",
};
const FLAGS: Record<string, string> = { supervisor: "a supervisor", control: "the control room", comms: "communications" };

const from = (words: Record<string, string>) => (code: string): string => words[code] ?? plain(code);

export const platformName = from(PLATFORMS);
export const kindName = from(KINDS);
export const riskName = from(RISKS);
export const reasonName = from(REASONS);
export const stateName = from(STATES);
export const actionState = from(ACTION_STATES);
export const decisionName = from(DECISIONS);
export const verbName = from(VERBS);
export const recordName = from(RECORDS);
export const proposalName = from(PROPOSALS);
export const roleName = from(ROLES);
export const flagName = from(FLAGS);

export const REMOVAL_REASONS = [
  "abuse", "hate", "threat", "personal_data", "spam", "off_topic", "sub_judice", "impersonation", "other_rule",
] as const;
export const DISMISS_REASONS = ["no_action", "answered", "off_topic", "spam"] as const;
export const FLAG_REASONS = [
  "threat", "hate", "abuse", "personal_data", "sub_judice", "impersonation", "other_rule",
] as const;

/** What the API takes as a reference: no words, which might name somebody, but a number with what belongs to it. */
export const REFERENCE = /^(?=.*[0-9])[A-Za-z0-9./_-]{1,40}$/;

/** Findings that call for help, not for moderation: they go to the control room first and are never hidden by default. */
export const needsHelp = (codes: readonly string[]): boolean =>
  codes.some((code) => code === "life_risk" || code === "self_harm" || code === "crime_report");

/** The reason a hide takes without asking: the first finding that is a ground for removal. Safety findings never are. */
export function suggestedReason(codes: readonly string[]): string | null {
  if (needsHelp(codes)) return null;
  return codes.find((code) => (REMOVAL_REASONS as readonly string[]).includes(code)) ?? null;
}
