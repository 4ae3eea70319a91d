import type { ShownKey } from './api.ts';
import { Dialog, Field } from './form.tsx';
import { words } from './words.ts';

interface ShownKeyProps {
  readonly shown: ShownKey;
  readonly exampleUrl: string;
  /** Whether the key could be copied, in words. */
  readonly copied: string | undefined;
  readonly onCopied: (told: string) => void;
  readonly onStored: () => void;
}

/** Shows a key this once: it stays until the user has stored it, whatever else happens, and then leaves the document. */
export function ShownKeyDialog({ shown: { apiKey, key }, exampleUrl, copied, onCopied, onStored }: ShownKeyProps) {
  return (
    <Dialog title={words.shownTitle(key.name)}>
      <p class="warning">{words.shownWarning}</p>
      <Line name="key" label={words.shownLabel} text={apiKey} />
      <div class="buttons">
        <span role="status">{copied}</span>
        <button
          type="button"
          class="primary"
          // The browser refuses without https, and where the user has forbidden it.
          onClick={() =>
            navigator.clipboard.writeText(apiKey).then(
              () => onCopied(words.copied),
              () => onCopied(words.copyFailed),
            )
          }
        >
          {words.copy}
        </button>
      </div>
      <Line name="export" label={words.shownExport} text={`export GATEPASS_API_KEY=${apiKey}`} />
      <Line name="curl" label={words.shownCurl} text={`curl -H "Authorization: $GATEPASS_API_KEY" ${exampleUrl}`} />
      <div class="buttons">
        <button type="button" onClick={onStored}>
          {words.stored}
        </button>
      </div>
    </Dialog>
  );
}

function Line({ name, label, text }: { readonly name: string; readonly label: string; readonly text: string }) {
  return (
    <Field name={name} label={label}>
      {(attributes) => (
        <input {...attributes} readOnly class="secret" value={text} onFocus={(event) => event.currentTarget.select()} />
      )}
    </Field>
  );
}
