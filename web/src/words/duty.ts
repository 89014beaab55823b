// As what somebody was on duty, in words: the codes of `on_duty_as` in a record, docs/roster.md.
export const DUTY: Readonly<Record<string, string>> = {
  shift: "on shift", control: "on shift in the control room", on_call: "on call", comms: "on shift at the communications desk", supervisor: "on shift as supervisor",
};

/** As what somebody is or was on duty; nothing where they were not. A code that this page does not know is shown. */
export function dutyWords(code: string | null | undefined): string {
  if (code === null || code === undefined) return "";
  return code === "cover" ? "standing in for somebody" : (DUTY[code] ?? `on duty as ${code.replaceAll("_", " ")}`);
}
