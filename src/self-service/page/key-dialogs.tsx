import type { Key, Me } from './api.ts';
import { formatAbsolute } from './dates.ts';
import { Field, FormDialog, type FormState } from './form.tsx';
import type { Draft } from './sign-in.ts';
import { words } from './words.ts';

/** The lives that are offered, in days, beside the longest one. */
const LIVES = [7, 30, 90];
const PRESET_DAYS = 90;
const GRACES = [0, 3600, 86_400, 604_800] as const;
const PRESET_GRACE = 86_400;

interface Props {
  readonly form: FormState;
  readonly onSend: (values: FormData) => void;
}

interface KeyProps extends Props {
  readonly target: Key;
}

/** @param draft what was typed before the user had to sign in again */
export function NewKeyDialog({ me, draft, form, onSend }: Props & { readonly me: Me; readonly draft: Draft }) {
  const lives = [...LIVES.filter((days) => days < me.maxDays), me.maxDays];
  const chosen = Number(draft['days'] ?? Math.min(PRESET_DAYS, me.maxDays));
  const scopes = draft['scope']?.split(' ');
  return (
    <FormDialog title={words.newKey} verb={words.create} form={form} onSend={onSend}>
      <p class="hint">{words.practice}</p>
      <Field name="name" label={words.nameLabel} hint={words.nameHint} error={form.fields['name']}>
        {(attributes) => <input {...attributes} required maxLength={100} defaultValue={draft['name'] ?? ''} />}
      </Field>
      {me.scopes.length > 0 && (
        <fieldset aria-describedby="field-scope-note">
          <legend>{words.scopeLabel}</legend>
          {me.scopes.map(({ value, label }) => (
            <label class="choice" key={value}>
              <input type="checkbox" name="scope" value={value} defaultChecked={scopes?.includes(value) ?? false} />
              {label}
            </label>
          ))}
          <p id="field-scope-note" class="error">
            {form.fields['scope']}
          </p>
        </fieldset>
      )}
      <Field name="days" label={words.expiryLabel} error={form.fields['expiresInDays']}>
        {(attributes) => (
          <select {...attributes}>
            {lives.map((days) => (
              <option key={days} value={days} selected={days === chosen}>
                {words.days(days)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field name="networks" label={words.networksLabel} hint={words.networksHint} error={form.fields['networks']}>
        {(attributes) => (
          <textarea {...attributes} rows={2} spellcheck={false} defaultValue={draft['networks'] ?? ''} />
        )}
      </Field>
    </FormDialog>
  );
}

export function RotateDialog({ target, form, onSend }: KeyProps) {
  const isLeaked = target.disabledBy === 'leak';
  return (
    <FormDialog title={words.rotateTitle(target.name)} verb={words.rotate} form={form} onSend={onSend}>
      <p>{isLeaked ? words.rotateLeakedText : words.rotateText}</p>
      {target.graceEndsAt && (
        <fieldset>
          <legend>{words.inGraceText}</legend>
          <label class="choice">
            <input type="radio" name="discard" value="replaced" defaultChecked />
            {words.discardReplaced}
          </label>
          <label class="choice">
            <input type="radio" name="discard" value="current" />
            {words.discardCurrent(formatAbsolute(target.graceEndsAt))}
          </label>
        </fieldset>
      )}
      {!isLeaked && (
        <Field name="grace" label={words.graceLabel}>
          {(attributes) => (
            <select {...attributes}>
              {GRACES.map((seconds) => (
                <option key={seconds} value={seconds} selected={seconds === PRESET_GRACE}>
                  {words.graces[seconds]}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
    </FormDialog>
  );
}

export function DeleteDialog({ target, form, onSend }: KeyProps) {
  return (
    <FormDialog title={words.deleteTitle(target.name)} verb={words.delete} form={form} onSend={onSend}>
      <p>{words.deleteText}</p>
      <Field name="typed" label={words.deleteLabel(target.name)} error={form.fields['typed']}>
        {(attributes) => <input {...attributes} required />}
      </Field>
    </FormDialog>
  );
}
