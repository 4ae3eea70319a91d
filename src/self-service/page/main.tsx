import { render } from 'preact';
import { startApp } from './app.tsx';
import { arrive, messageOf, type PageConfig } from './sign-in.ts';
import { words } from './words.ts';

const root = document.getElementById('page');
if (root === null) throw new Error('The page has no element "page".');
const { base = '', issuer = '', clientId = '', exampleUrl = '' } = root.dataset;
const config: PageConfig = { base, issuer, clientId, exampleUrl };

document.title = words.title;
tell(words.signingIn);
arrive(config).then(
  (arrival) => {
    if ('accessToken' in arrival) startApp(root, config, arrival);
    else tell(arrival.why === undefined ? words.signedOut : words.signInFailed(arrival.why), arrival.signIn);
  },
  (error: unknown) => tell(words.signInFailed(messageOf(error)), () => location.reload()),
);

/** Shows a message in the place of the keys. */
function tell(text: string, signIn?: () => unknown): void {
  const message = (
    <main class="message">
      <h1>{words.title}</h1>
      <p role="status">{text}</p>
      {signIn && (
        <button type="button" class="primary" onClick={() => void signIn()}>
          {words.signIn}
        </button>
      )}
    </main>
  );
  if (root !== null) render(message, root);
}
