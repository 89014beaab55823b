// GOV.UK form patterns: error summary that takes the focus, radios in a fieldset, a dialog that says what will happen.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { keepFocus } from "./focus";

export interface FieldError { field: string; text: string }

export function ErrorSummary({ errors }: { errors: readonly FieldError[] }) {
  const box = useRef<HTMLDivElement>(null);
  const words = errors.map(({ text }) => text).join("; ");
  useEffect(() => {
    if (words !== "") box.current?.focus();
  }, [words]);
  if (errors.length === 0) return null;
  const jump = (field: string) => (event: Event): void => {
    event.preventDefault();
    document.getElementById(field)?.focus();
  };
  return (
    <div ref={box} class="error-summary" role="alert" tabIndex={-1} data-testid="error-summary">
      <h3>There is a problem</h3>
      <ul>{errors.map(({ field, text }) => <li key={field}><a href={`#${field}`} onClick={jump(field)}>{text}</a></li>)}</ul>
    </div>
  );
}

interface RadiosProps {
  legend: string;
  name: string;
  options: readonly { value: string; words: string }[];
  value: string;
  error: string;
  /** The dialog opens with the focus on the chosen (else the first) option. */
  first?: boolean;
  onChange: (value: string) => void;
}

export function Radios({ legend, name, options, value, error, first = false, onChange }: RadiosProps) {
  const start = Math.max(0, options.findIndex((option) => option.value === value));
  return (
    <fieldset class={`radios ${error === "" ? "" : "wrong"}`} aria-describedby={error === "" ? undefined : `${name}-error`}>
      <legend>{legend}</legend>
      {error !== "" && <p class="error-message" id={`${name}-error`}><span class="unseen">Error: </span>{error}</p>}
      {options.map((option, at) => (
        <label key={option.value} class="check">
          <input
            type="radio" name={name} id={`${name}-${at}`} value={option.value} checked={option.value === value}
            data-first={first && at === start ? "" : undefined}
            onChange={() => onChange(option.value)}
          />
          {option.words}
        </label>
      ))}
    </fieldset>
  );
}

interface ModalProps { title: string; testid: string; onClose: () => void; children: ComponentChildren }

/** A native dialog. The element marked `data-first` gets the focus; closing gives it back to where it was. */
export function Modal({ title, testid, onClose, children }: ModalProps) {
  const box = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useLayoutEffect(() => {
    const dialog = box.current;
    const before = document.activeElement;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
      keepFocus();
    };
  }, []);
  const cancel = (event: Event): void => {
    event.preventDefault();
    onClose();
  };
  return (
    <dialog ref={box} class="modal" aria-labelledby={heading} data-testid={testid} onCancel={cancel}>
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  );
}
