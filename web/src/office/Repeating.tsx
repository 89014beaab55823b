// When a shift repeats: the fields of the roster's form for it.
import { Select, TextField } from "./kit";
import { DAYS, type Draft, NATION } from "./rosterWords";

interface Props { draft: Draft; set: (part: Partial<Draft>) => void }

export function Repeating({ draft, set }: Props) {
  const turn = (day: number, on: boolean): void => set({ days: DAYS.map((_, at) => at).filter((at) => (at === day ? on : draft.days.includes(at))) });
  return (
    <>
      <fieldset class="field">
        <legend>On which days it begins</legend>
        {DAYS.map((words, day) => (
          <div key={words}>
            <input type="checkbox" id={`roster-days-${day}`} checked={draft.days.includes(day)} onChange={(event) => turn(day, event.currentTarget.checked)} />
            <label for={`roster-days-${day}`}>{words}</label>
          </div>
        ))}
      </fieldset>
      <TextField id="roster-starts" label="It begins at" hint="By the clock on the wall, like 22:00, in summer as in winter." value={draft.starts} onChange={(value) => set({ starts: value })} />
      <TextField id="roster-ends" label="It ends at" hint="Like 06:00; an end that is not after the beginning is on the next day." value={draft.ends} onChange={(value) => set({ ends: value })} />
      <TextField id="roster-first" label="First day" hint="Like 2026-11-20." value={draft.first} onChange={(value) => set({ first: value })} />
      <TextField id="roster-last" label="Last day" hint="At most two years later." value={draft.last} onChange={(value) => set({ last: value })} />
      <Select id="roster-nation" label="Bank holidays" value={draft.nation} onChange={(value) => set({ nation: value })}
        options={[{ value: "", words: "It is worked on bank holidays, too" }, ...Object.entries(NATION).map(([value, words]) => ({ value, words: `It does not begin on bank holidays of ${words}` }))]} />
      <TextField id="roster-skip" label="Single days to leave out (optional)" hint="Like 2026-12-24, with a space between two." value={draft.skip} onChange={(value) => set({ skip: value })} />
    </>
  );
}
