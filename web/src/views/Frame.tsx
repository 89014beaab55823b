// What stands around every screen: who and where, the way to the other screens, the state of the link, what just happened.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { commands, store } from "../app";
import { isOffered, letterKeys, route, screenAt, setLetterKeys } from "../route";
import { OFFICE, SCREENS, type Screen } from "../screens";
import { roleName } from "../words/terms";
import { Lamp } from "./App";
import { Dialogs } from "./Dialogs";
import { focusList, keepFocus } from "./focus";
import { GateBanner } from "./GateBanner";
import { IncidentBand } from "./IncidentBand";

export function Frame() {
  const screen = screenAt([...SCREENS, ...OFFICE], route.value.screen, store.me.value?.permissions ?? []);
  useEffect(() => {
    document.title = `${screen?.name ?? ""} – Bluelamp`;
  }, [screen]);
  if (screen === undefined) return null;
  const View = screen.view;
  return (
    <div class="frame">
      <a class="skip" href="#main" onClick={skip}>Skip to the posts</a>
      <Bar current={screen.id} />
      <IncidentBand />
      <GateBanner />
      <main id="main" class="main" tabIndex={-1}>
        <h1 class="unseen">{screen.name}</h1>
        <View key={screen.id} />
      </main>
      <StatusBar />
      <Dialogs />
    </div>
  );
}

/** The # of the address belongs to the routes, so the skip link moves the focus itself. */
function skip(event: Event): void {
  event.preventDefault();
  focusList();
}

function Bar({ current }: { current: string }) {
  const me = store.me.value;
  if (me === null) return null;
  return (
    <header class="bar">
      <span class="wordmark"><Lamp />Bluelamp</span>
      <span class="force">{me.force.name}</span>
      <nav aria-label="Screens" class="screens">
        <ul>
          {SCREENS.map(({ id, name }) => (
            <li key={id}><a href={`#/${id}`} aria-current={id === current ? "page" : undefined}>{name}</a></li>
          ))}
        </ul>
      </nav>
      <Office current={current} permissions={me.permissions} />
      <details class="person">
        <summary data-testid="person">{me.person.name}<span class="role">{roleName(me.person.role)}</span></summary>
        <div class="person-menu">
          <label class="check">
            <input type="checkbox" checked={letterKeys.value} onChange={(event) => setLetterKeys(event.currentTarget.checked)} />
            Letter keys in the list
          </label>
          <button type="button" class="button" onClick={() => { store.dialog.value = { name: "help", ids: [] }; }}>Keyboard shortcuts</button>
          <button type="button" class="button" data-testid="sign-out" onClick={() => void store.signOut()}>Sign out</button>
        </div>
      </details>
    </header>
  );
}

/** What is not used by the minute: offered in a menu, and only to whom it is given. */
function Office({ current, permissions }: { current: string; permissions: readonly string[] }) {
  const offered = OFFICE.filter((screen) => isOffered(screen, permissions));
  const menu = useRef<HTMLDetailsElement>(null);
  if (offered.length === 0) return null;
  const close = (): void => menu.current?.removeAttribute("open");
  const here: Screen | undefined = offered.find(({ id }) => id === current);
  return (
    <details ref={menu} class="person office-menu" onKeyDown={(event) => { if (event.key === "Escape") close(); }}>
      <summary data-testid="office">{here?.name ?? "Office"}</summary>
      <nav class="person-menu" aria-label="Office">
        <ul>
          {offered.map(({ id, name }) => (
            <li key={id}><a href={`#/${id}`} aria-current={id === current ? "page" : undefined} onClick={close}>{name}</a></li>
          ))}
        </ul>
      </nav>
    </details>
  );
}

const LINK_WORDS = { connecting: "Connecting…", live: "Live", lost: "Live link lost." } as const;

/** At the foot, where its coming and going moves nothing that somebody is about to press. */
function LinkWords() {
  const link = store.link.value;
  if (!store.me.value?.permissions.includes("see")) return null;
  return (
    <div class="link-words" role="status">
      <span class={`link ${link}`} data-testid="link" data-state={link}>{LINK_WORDS[link]}</span>
      {link === "lost" && <span>New posts are fetched every few seconds until it is back. You can go on working.</span>}
    </div>
  );
}

function StatusBar() {
  const errors = store.notices.value.filter(({ kind }) => kind === "error");
  const last = store.notices.value.filter(({ kind }) => kind === "done").at(-1);
  return (
    <footer class="status">
      <LinkWords />
      <div class="said" role="status">
        {store.undo.value === null && last !== undefined && <Said key={last.id} id={last.id} text={last.text} />}
        {store.undo.value !== null && <span>{store.undo.value.text}</span>}
      </div>
      <UndoButton />
      <div role="alert" class="errors" data-testid="errors">
        {errors.map(({ id, text }) => (
          <p key={id} class="error-line">
            <span><strong>Not done.</strong> {text}</span>
            <button type="button" class="button" onClick={() => store.dismissNotice(id)}>Close<span class="unseen"> this message</span></button>
          </p>
        ))}
      </div>
    </footer>
  );
}

const SAID_MS = 8000;

function Said({ id, text }: { id: number; text: string }) {
  useEffect(() => {
    const timer = setTimeout(() => store.dismissNotice(id), SAID_MS);
    return () => clearTimeout(timer);
  }, [id]);
  return <span data-testid="said">{text}</span>;
}

function undoNow(): void {
  void commands.undoLast();
  keepFocus();
}

/** The seconds count down for the eye only: a screen reader is told once, not ten times. */
function UndoButton() {
  const undo = store.undo.value;
  const left = useSignal(0);
  useEffect(() => {
    if (undo === null) return undefined;
    const tick = (): void => {
      left.value = Math.ceil((undo.until - Date.now()) / 1000);
      if (left.value <= 0 && store.undo.value === undo) store.undo.value = null;
    };
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [undo]);
  if (undo === null) return null;
  return (
    <button type="button" class="button undo" data-testid="undo" onClick={undoNow}>
      Undo<span aria-hidden="true"> ({left.value} s)</span>
    </button>
  );
}
