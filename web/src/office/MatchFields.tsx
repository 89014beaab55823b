// Which posts of an incident an order is about: words, what they were judged to be, and how grave; each that is given holds.
import type { Signal } from "@preact/signals";
import { reasonName } from "../words/terms";
import { Select, TextField } from "./kit";
import { CODES, type Chosen, GRADES } from "./incidentWords";

interface Props { id: string; of: Signal<Chosen> }

export function MatchFields({ id, of }: Props) {
  const { words, codes, grade, everything } = of.value;
  const set = (part: Partial<Chosen>): void => { of.value = { ...of.value, ...part }; };
  return (
    <>
      <TextField id={`${id}-words`} label="Posts with one of these words" hint="One a line, as whole words." rows={3} value={words} onChange={(value) => set({ words: value })} />
      <fieldset class="field">
        <legend>Posts that were judged to be one of these</legend>
        {CODES.map((code) => (
          <label key={code} class="check">
            <input type="checkbox" checked={codes.includes(code)} onChange={(event) => set({ codes: event.currentTarget.checked ? [...codes, code] : codes.filter((one) => one !== code) })} />
            {reasonName(code)}
          </label>
        ))}
      </fieldset>
      <Select id={`${id}-grade`} label="Posts of at least this risk" value={String(grade)} options={GRADES.map(([value, text]) => ({ value: String(value), words: text }))} onChange={(value) => set({ grade: Number(value) })} />
      <label class="check"><input type="checkbox" checked={everything} onChange={(event) => set({ everything: event.currentTarget.checked })} />Every post of the incident</label>
    </>
  );
}
