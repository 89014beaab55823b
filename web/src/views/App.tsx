// Signed out, starting, or at work.
import { store } from "../app";
import { signInAddress } from "../route";
import { Frame } from "./Frame";

export function App() {
  const phase = store.phase.value;
  if (phase === "ready") return <Frame />;
  return (
    <div class="door">
      <header class="bar"><span class="wordmark"><Lamp />Bluelamp</span></header>
      <main class="door-body">
        {phase === "signed-out" && <SignedOut />}
        {phase === "starting" && <p role="status">Opening Bluelamp…</p>}
        {phase === "unreachable" && <Unreachable />}
      </main>
    </div>
  );
}

function SignedOut() {
  const ended = store.ended.value;
  return (
    <>
      {ended !== "" && <p class="inset" role="status">{ended}</p>}
      <h1>Sign in to Bluelamp</h1>
      <p>The social media desk of your force. You need your force account and your authenticator.</p>
      <p><a class="button primary large" href={signInAddress()} data-testid="sign-in">Sign in</a></p>
      <p class="quiet">What you view and do here is recorded in a sealed audit log.</p>
    </>
  );
}

function Unreachable() {
  return (
    <>
      <h1>Sorry, Bluelamp cannot be reached</h1>
      <p>Check your connection. If others have the same problem, tell your IT desk.</p>
      <p><button type="button" class="button primary" onClick={() => void store.start()}>Try again</button></p>
    </>
  );
}

export function Lamp() {
  return (
    <svg class="lamp" viewBox="0 0 16 20" width="16" height="20" aria-hidden="true" focusable="false">
      <path d="M3 1h10l2 5-2 11H3L1 6z" fill="#8cc4ff" /><path d="M3 1h10l2 5H1z" fill="#fff" /><path d="M4 18h8v2H4z" fill="#fff" />
    </svg>
  );
}
