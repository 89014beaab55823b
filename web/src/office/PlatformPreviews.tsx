// How a publication will read on each account that it goes out on, for who writes it and who approves it.
import { useSignal } from "@preact/signals";
import { lazy } from "../views/lazy";
import type { Fields } from "./publishWords";

// Fetched, and its pictures with it, when somebody opens it.
const Cards = lazy<{ fields: Fields }>(() => import("./PreviewCards"));

export function PlatformPreviews({ fields }: { fields: Fields }) {
  const open = useSignal(false);
  if (fields.accounts.length === 0) return null;
  return (
    <details onToggle={(event) => { open.value = event.currentTarget.open; }}>
      <summary>How it will read on each account</summary>
      {open.value && <Cards fields={fields} />}
    </details>
  );
}
