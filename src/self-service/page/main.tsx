import { render } from 'preact';
import { KeysScreen } from './keys-screen.tsx';
import { type Arrival, arrive } from './session.ts';
import type { PageConfig } from './sign-in.ts';
import { words } from './words.ts';

const root = document.getElementById('page');
if (root === null) throw new Error('The page has no element "page".');
const { base = '', issuer = '', clientId = '', exampleUrl = '' } = root.dataset;
const config: PageConfig = { base, issuer, clientId, exampleUrl };

document.title = words.title;
render(<p aria-busy="true">{words.signingIn}</p>, root);
arrive(config).then(
  (arrival) => render(<Arrived arrival={arrival} />, root),
  (error: unknown) => {
    render(<Message text={words.signInFailed(error instanceof Error ? error.message : String(error))} />, root);
  },
);

function Arrived({ arrival }: { readonly arrival: Arrival }) {
  switch (arrival.kind) {
    case 'signed_in':
      return <KeysScreen config={config} session={arrival.session} draft={arrival.draft} />;
    case 'signed_out':
      return <Message text={words.signedOut} signIn={arrival.signIn} />;
    case 'failed':
      return <Message text={words.signInFailed(arrival.why)} signIn={arrival.signIn} />;
  }
}

function Message({ text, signIn }: { readonly text: string; readonly signIn?: () => Promise<never> }) {
  return (
    <main class="message">
      <h1>{words.title}</h1>
      <p role="status">{text}</p>
      <button type="button" class="primary" onClick={() => (signIn === undefined ? location.reload() : void signIn())}>
        {words.signIn}
      </button>
    </main>
  );
}
