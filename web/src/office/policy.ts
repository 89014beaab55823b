// An account's policy in words.

export interface Policy {
  delete: string[]; publish: string[]; reply: string[];
  approve_delete: string | null; approve_publish: string | null; approve_reply: string | null;
}

export const ROLES = [
  { value: "comms", words: "Communications team" }, { value: "local", words: "Local team" }, { value: "control", words: "Control room" },
] as const;

const APPROVERS: Record<string, string> = { lead: "the lead or the deputy", comms: "a communications officer", supervisor: "a supervisor" };
const ACTS = [["delete", "Deleted"], ["reply", "Answered"]] as const;

const listed = (names: readonly string[]): string => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`);

/** One sentence for each act: who may, and who has to agree. */
export function policyWords(policy: Policy): string[] {
  return ACTS.map(([act, words]) => {
    const roles = ROLES.filter(({ value }) => policy[act].includes(value)).map((role) => `the ${role.words.toLocaleLowerCase("en-GB")}`);
    if (roles.length === 0) return `${words} by nobody`;
    const approver = policy[`approve_${act}`];
    return `${words} by ${listed(roles)}${approver === null ? "" : `, once ${APPROVERS[approver] ?? approver} has agreed`}`;
  });
}
