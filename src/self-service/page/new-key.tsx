import { useState } from 'preact/hooks';
import type { Me, NewKey, ShownKey } from './api.ts';
import { Dialog } from './dialog.tsx';
import { Buttons, Field, NameField, Problem, useSending } from './form.tsx';
import type { Draft } from './sign-in.ts';
import { words } from './words.ts';

/** The lives that are offered, in days, beside the longest one. */
const LIVES = [7, 30, 90];
const PRESET_DAYS = 90;

interface NewKeyProps {
  readonly me: Me;
  /** What was typed before the user had to sign in again. */
  readonly draft: Draft | undefined;
  readonly create: (newKey: NewKey) => Promise<ShownKey>;
  readonly onCreated: (shown: ShownKey) => void;
  readonly onCancel: () => void;
  readonly onSessionEnded: (draft: Draft) => void;
}

export function NewKeyDialog({ me, draft, create, onCreated, onCancel, onSessionEnded }: NewKeyProps) {
  const lives = [...LIVES.filter((days) => days < me.maxDays), me.maxDays];
  const [name, setName] = useState(draft?.['name'] ?? '');
  const [scope, setScope] = useState<readonly string[]>(draft?.['scope']?.split(' ').filter(Boolean) ?? []);
  const [days, setDays] = useState(Number(draft?.['days'] ?? Math.min(PRESET_DAYS, me.maxDays)));
  const [networks, setNetworks] = useState(draft?.['networks'] ?? '');
  const { isBusy, problem, fields, send } = useSending(
    async () => {
      const blocks = networks.split(/[\s,]+/).filter(Boolean);
      onCreated(
        await create({
          name: name.trim(),
          expiresInDays: days,
          ...(scope.length > 0 && { scope: scope.join(' ') }),
          ...(blocks.length > 0 && { networks: blocks }),
        }),
      );
    },
    () => onSessionEnded({ name, scope: scope.join(' '), days: String(days), networks }),
  );

  return (
    <Dialog title={words.newKey} onCancel={onCancel}>
      <p class="hint">{words.practice}</p>
      <form onSubmit={send}>
        <NameField hint={words.nameHint} value={name} error={fields['name']} onInput={setName} />
        {me.scopes.length > 0 && (
          <fieldset>
            <legend>{words.scopeLabel}</legend>
            {me.scopes.map(({ value, label }) => (
              <label class="choice" key={value}>
                <input
                  type="checkbox"
                  checked={scope.includes(value)}
                  onChange={({ currentTarget }) =>
                    setScope(currentTarget.checked ? [...scope, value] : scope.filter((one) => one !== value))
                  }
                />
                {label}
              </label>
            ))}
            {fields['scope'] && <p class="error">{fields['scope']}</p>}
          </fieldset>
        )}
        <Field label={words.expiryLabel} error={fields['expiresInDays']}>
          {(attributes) => (
            <select {...attributes} value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
              {lives.map((count) => (
                <option key={count} value={count}>
                  {words.days(count)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={words.networksLabel} hint={words.networksHint} error={fields['networks']}>
          {(attributes) => (
            <textarea
              {...attributes}
              rows={2}
              autocomplete="off"
              spellcheck={false}
              value={networks}
              onInput={(event) => setNetworks(event.currentTarget.value)}
            />
          )}
        </Field>
        <Problem text={problem} />
        <Buttons verb={words.create} isBusy={isBusy} onCancel={onCancel} />
      </form>
    </Dialog>
  );
}
