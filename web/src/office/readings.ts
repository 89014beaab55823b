// What one part of a screen has read, for another part beside it to show: each look at a picture is on record, so that
// nothing is asked for twice only to be shown twice.
import { signal } from "@preact/signals";
import { createContext } from "preact";

export interface Noted {
  path: string;
  value: unknown;
  /** When it was read, as `Date.now` tells it. */
  at: number;
  /** Has whoever read it read it anew, for all who show it; while that is under way it does nothing. */
  again: () => void;
}

/** Readings by path, for as long as whoever read them is on the screen. */
export class Readings {
  private readonly noted = signal<readonly Noted[]>([]);

  /** Note a reading in the place of an older one of its path; what is returned forgets it. */
  note(one: Noted): () => void {
    this.noted.value = [...this.noted.peek().filter(({ path }) => path !== one.path), one];
    return () => { this.noted.value = this.noted.peek().filter((other) => other !== one); };
  }

  /** The newest reading whose path ends so. */
  find(end: string): Noted | undefined {
    return this.noted.value.findLast(({ path }) => path.endsWith(end));
  }
}

/** Where readings are noted; null where nothing beside asks for them. */
export const Shared = createContext<Readings | null>(null);
