// How somebody wants to be told of what needs them: the channels, a telephone number and quiet hours.
import { useSignal } from "@preact/signals";
import { store } from "../app";
import type { FieldError } from "../views/form";
import { Form, Loaded, Page, TextField, useLoaded } from "./kit";

type Channel = "mail" | "sms" | "push" | "teams";
interface Quiet { begin: string; end: string }
export interface Wishes { urgent: Channel[]; ordinary: Channel[]; phone: string | null; device: string | null; quiet: Quiet | null }
interface Stored extends Wishes { rev: number }

const CHANNELS: readonly (readonly [Channel, string])[] = [
  ["mail", "E-mail"], ["sms", "Text message"], ["push", "Push to a registered device"], ["teams", "The force’s room in Teams"],
];

/** A number as people in the UK write it, as the server wants it: with the country first, and without spaces. */
export function e164(typed: string): string {
  const digits = typed.replace(/[\s().-]/g, "");
  return /^0[1-9]/.test(digits) ? `+44${digits.slice(1)}` : digits;
}

export function wrongWith(wishes: Wishes): FieldError[] {
  const errors: FieldError[] = [];
  if (wishes.urgent.length === 0) errors.push({ field: "notices-urgent-mail", text: "Choose one way at least for what is urgent" });
  if (wishes.phone !== null && !/^\+[1-9]\d{7,14}$/.test(wishes.phone)) errors.push({ field: "notices-phone", text: "Enter a telephone number, like 07700 900123 or +44 7700 900123" });
  if (wishes.phone === null && [...wishes.urgent, ...wishes.ordinary].includes("sms")) errors.push({ field: "notices-phone", text: "Enter the telephone number that text messages go to" });
  return errors;
}

interface ChoiceProps { id: string; legend: string; chosen: readonly Channel[]; onChange: (chosen: Channel[]) => void }

function Choice({ id, legend, chosen, onChange }: ChoiceProps) {
  const turn = (channel: Channel, on: boolean): void => onChange(CHANNELS.map(([one]) => one).filter((one) => (one === channel ? on : chosen.includes(one))));
  return (
    <fieldset class="field">
      <legend>{legend}</legend>
      {CHANNELS.map(([channel, words]) => (
        <div key={channel}>
          <input type="checkbox" id={`${id}-${channel}`} checked={chosen.includes(channel)} onChange={(event) => turn(channel, event.currentTarget.checked)} />
          <label for={`${id}-${channel}`}>{words}</label>
        </div>
      ))}
    </fieldset>
  );
}

function Edit({ stored }: { stored: Stored }) {
  const rev = useSignal(stored.rev);
  const urgent = useSignal(stored.urgent);
  const ordinary = useSignal(stored.ordinary);
  const phone = useSignal(stored.phone ?? "");
  const begin = useSignal(stored.quiet?.begin ?? "");
  const end = useSignal(stored.quiet?.end ?? "");
  const wishes = (): Wishes => ({
    urgent: urgent.value, ordinary: ordinary.value, phone: phone.value.trim() === "" ? null : e164(phone.value), device: stored.device,
    quiet: begin.value === "" || end.value === "" ? null : { begin: begin.value, end: end.value },
  });
  const send = async (): Promise<string> => {
    rev.value = (await store.api.write<Stored>("/me/notices", { wishes: wishes(), rev: rev.value }, "PUT")).rev;
    return "Saved.";
  };
  return (
    <Form action="Save" check={() => wrongWith(wishes())} send={send}>
      <Choice id="notices-urgent" legend="What is urgent: at once, at any hour" chosen={urgent.value} onChange={(chosen) => { urgent.value = chosen; }} />
      <Choice id="notices-ordinary" legend="What can wait" chosen={ordinary.value} onChange={(chosen) => { ordinary.value = chosen; }} />
      <TextField id="notices-phone" label="Telephone number" type="tel" value={phone.value} hint="For text messages. It stands in no record." onChange={(value) => { phone.value = value; }} />
      <TextField id="notices-begin" label="Quiet from" type="time" value={begin.value} hint="What can wait comes after it. Leave both times empty for no quiet hours." onChange={(value) => { begin.value = value; }} />
      <TextField id="notices-end" label="Quiet until" type="time" value={end.value} onChange={(value) => { end.value = value; }} />
    </Form>
  );
}

export default function Notices() {
  const stored = useLoaded<Stored>("/me/notices");
  return (
    <Page title="Notices" lead="Choose how you are told of what needs you. A channel works where your force has switched it on; where none is left, it is e-mail.">
      <Loaded of={stored}>{(value) => <Edit stored={value} />}</Loaded>
    </Page>
  );
}
