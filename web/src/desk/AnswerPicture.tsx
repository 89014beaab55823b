// A picture that goes with an answer: chosen here, sent straight to the bucket, described for those who do not see it.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError } from "../api";
import { store } from "../app";
import { Preview } from "../office/Attachments";
import { TextField } from "../office/kit";
import { percent } from "../office/publishWords";
import { StoppedError, Upload, put } from "../state/uploads";
import type { Picture, PictureLimits } from "../types";
import { problemOfPicture, takenOf } from "../words/pictures";

interface Props { id: "reply" | "private"; name: string; limits: PictureLimits; picture: Picture | null; set: (picture: Picture | null) => void; busy: (now: boolean) => void; focus?: boolean }
interface Sending { name: string; size: number; bytes: number; checking: boolean }

export default function AnswerPicture({ id, name, limits, picture, set, busy, focus = false }: Props) {
  const sending = useSignal<Sending | null>(null);
  const problem = useSignal("");
  const upload = useRef<Upload | null>(null);
  const box = useRef<HTMLFieldSetElement>(null);
  // The button that asked for it is gone: whoever uses the keyboard goes on here.
  useEffect(() => { if (focus) box.current?.focus(); }, []);
  useEffect(() => busy(sending.value !== null), [sending.value !== null]);
  const giveUp = (): void => {
    const one = upload.current;
    upload.current = null;
    sending.value = null;
    one?.drop().catch((failure: unknown) => { problem.value = failure instanceof ApiError ? failure.message : "It could not be given up."; });
  };
  // Whoever goes on to another post does not send it.
  useEffect(() => () => { busy(false); if (upload.current !== null) giveUp(); }, []);
  const send = async (file: File): Promise<void> => {
    const one = new Upload(file, store.api, put);
    upload.current = one;
    sending.value = { name: file.name, size: file.size, bytes: 0, checking: false };
    const tell = (part: Partial<Sending>): void => { if (upload.current === one && sending.value !== null) sending.value = { ...sending.value, ...part }; };
    try {
      const asset = await one.send({ progress: (bytes) => tell({ bytes }), checking: () => tell({ checking: true }) });
      if (upload.current !== one) return;
      if (asset.state === "ready") set({ id: asset.id, alt: "" });
      else problem.value = asset.problem ?? "It was given up.";
    } catch (failure) {
      if (failure instanceof StoppedError || upload.current !== one) return;
      problem.value = failure instanceof Error ? failure.message : "It could not be sent. Choose it again.";
    }
    upload.current = null;
    sending.value = null;
  };
  const choose = (input: HTMLInputElement): void => {
    const file = input.files?.[0];
    input.value = "";
    if (file === undefined) return;
    problem.value = problemOfPicture(file, limits, name);
    if (problem.value === "") void send(file);
  };
  const now = sending.value;
  return (
    <fieldset class="field" ref={box} tabIndex={-1} data-testid={`${id}-with`}>
      <legend>Picture with the {id === "reply" ? "reply" : "private message"}</legend>
      {problem.value !== "" && <p class="error-message" role="alert">{problem.value}</p>}
      {picture !== null ? (
        <>
          <Preview id={picture.id} publication={null} alt={picture.alt} />
          <TextField id={`${id}-alt`} label="Description of the picture" hint="For those who do not see it; it goes out with the picture." value={picture.alt} rows={2} onChange={(alt) => set({ ...picture, alt })} />
          <button type="button" class="button" onClick={() => { set(null); box.current?.focus(); }}>Take the picture away</button>
        </>
      ) : now !== null ? (
        <>
          <label for={`${id}-sending`}>{now.name}: {now.checking ? "being checked" : `${percent(now.bytes, now.size)} % sent`}</label>
          <progress id={`${id}-sending`} max={now.size} value={now.bytes} />
          <button type="button" class="button" onClick={() => { giveUp(); box.current?.focus(); }}>Give it up</button>
        </>
      ) : (
        <>
          <label for={`${id}-file`}>Choose a picture</label>
          <p class="quiet" id={`${id}-file-hint`}>{takenOf(limits, name)} What its file tells of camera and place is taken out.</p>
          <input type="file" id={`${id}-file`} accept={limits.types.join(",")} aria-describedby={`${id}-file-hint`} onChange={(event) => choose(event.currentTarget)} />
        </>
      )}
    </fieldset>
  );
}
