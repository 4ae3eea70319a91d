import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { ApiError } from './api.ts';
import { SessionEnded } from './session.ts';
import { words } from './words.ts';

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly children: (attributes: {
    id: string;
    'aria-describedby'?: string;
    'aria-invalid'?: 'true';
  }) => ComponentChildren;
}

/** An input with its label, its hint and what is wrong with it, tied together for a screen reader. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children({ id, ...(described && { 'aria-describedby': described }), ...(error && { 'aria-invalid': 'true' }) })}
      {error && (
        <p class="error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

interface NameFieldProps {
  readonly hint?: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly onInput: (name: string) => void;
}

/** A key's name, within the bounds of the API. */
export function NameField({ hint, value, error, onInput }: NameFieldProps) {
  return (
    <Field label={words.nameLabel} error={error} {...(hint !== undefined && { hint })}>
      {(attributes) => (
        <input
          {...attributes}
          required
          maxLength={100}
          autocomplete="off"
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

interface ButtonsProps {
  /** What the form does. */
  readonly verb: string;
  readonly isBusy: boolean;
  readonly onCancel: () => void;
}

/** How a form is left or sent. */
export function Buttons({ verb, isBusy, onCancel }: ButtonsProps) {
  return (
    <div class="buttons">
      <button type="button" onClick={onCancel}>
        {words.cancel}
      </button>
      <button type="submit" class="primary" disabled={isBusy}>
        {verb}
      </button>
    </div>
  );
}

interface Sending {
  readonly isBusy: boolean;
  /** What is wrong in all, to be read at once. */
  readonly problem: string | undefined;
  /** What is wrong with each field. */
  readonly fields: Readonly<Record<string, string>>;
  send(event: Event): Promise<void>;
}

/** Sends a form: once at a time, and says what the server found wrong with it. */
export function useSending(act: () => Promise<void>, onSessionEnded: () => void): Sending {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [fields, setFields] = useState<Readonly<Record<string, string>>>({});
  async function send(event: Event): Promise<void> {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setProblem(undefined);
    setFields({});
    try {
      await act();
    } catch (error) {
      if (isSessionEnd(error)) onSessionEnded();
      if (error instanceof ApiError) setFields(error.fields);
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  }
  return { isBusy, problem, fields, send };
}

export function isSessionEnd(error: unknown): boolean {
  if (error instanceof ApiError) return error.code === 'session_ended' || error.code === 'invalid_token';
  return error instanceof SessionEnded;
}

/** What went wrong and what to do, in words. */
export function problemOf(error: unknown): string {
  if (error instanceof ApiError) return words.errors[error.code] ?? words.failed(error.message);
  if (error instanceof SessionEnded) return words.errors['session_ended'] ?? '';
  return words.offline;
}

/** The problem of a whole form, which a screen reader reads as it comes. */
export function Problem({ text }: { readonly text: string | undefined }) {
  return (
    <div role="alert" class={text === undefined ? 'problem-none' : 'problem'}>
      {text}
    </div>
  );
}
