import { useRef, useState } from 'preact/hooks';
import type { ShownKey } from './api.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './form.tsx';
import { words } from './words.ts';

interface ShownKeyProps {
  readonly shown: ShownKey;
  readonly exampleUrl: string;
  readonly onStored: () => void;
}

/** Shows a key this once: it stays until the user has stored it, whatever else happens, and then leaves the document. */
export function ShownKeyDialog({ shown: { apiKey, key }, exampleUrl, onStored }: ShownKeyProps) {
  const field = useRef<HTMLInputElement>(null);
  const [told, setTold] = useState('');
  async function copy(): Promise<void> {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(apiKey);
      setTold(words.copied);
    } catch {
      setTold(words.copyFailed); // without https, or where the user has forbidden it
    }
  }
  return (
    <Dialog title={words.shownTitle(key.name)}>
      <p class="warning">{words.shownWarning}</p>
      <Field label={words.shownLabel}>
        {(attributes) => (
          <div class="copy">
            <input
              {...attributes}
              ref={field}
              readOnly
              class="secret"
              value={apiKey}
              onFocus={() => field.current?.select()}
            />
            <button type="button" class="primary" onClick={copy}>
              {words.copy}
            </button>
          </div>
        )}
      </Field>
      <p role="status" class="hint">
        {told}
      </p>
      <Line label={words.shownExport} text={`export GATEPASS_API_KEY=${apiKey}`} />
      <Line label={words.shownCurl} text={`curl -H "Authorization: $GATEPASS_API_KEY" ${exampleUrl}`} />
      <div class="buttons">
        <button type="button" onClick={onStored}>
          {words.stored}
        </button>
      </div>
    </Dialog>
  );
}

function Line({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <Field label={label}>
      {(attributes) => (
        <input {...attributes} readOnly class="secret" value={text} onFocus={(event) => event.currentTarget.select()} />
      )}
    </Field>
  );
}
