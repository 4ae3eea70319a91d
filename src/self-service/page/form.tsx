import type { ComponentChildren } from 'preact';
import { words } from './words.ts';

/** The one dialog that is open. */
let opened: HTMLDialogElement | undefined;

/** Opens a dialog as it enters the document. As it leaves, the browser gives the focus back to where it was. */
function modal(element: HTMLDialogElement | null): void {
  if (element === null) opened?.close();
  else element.showModal();
  opened = element ?? undefined;
}

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Called when the user leaves it by Escape. Without it the dialog stays until it is taken away. */
  readonly onCancel?: () => void;
}

/**
 * A modal dialog: the browser keeps the focus in it. Browsers close one by themselves where they don't know `closedby`, or
 * when Escape is pressed twice: one that must stay is opened again.
 */
export function Dialog({ title, children, onCancel }: DialogProps) {
  return (
    <dialog
      ref={modal}
      aria-labelledby="title"
      closedby={onCancel ? 'closerequest' : 'none'}
      onCancel={(event) => {
        event.preventDefault();
        onCancel?.();
      }}
      onClose={({ currentTarget }) => {
        if (!currentTarget.isConnected) return;
        if (onCancel === undefined) currentTarget.showModal();
        else onCancel();
      }}
    >
      <h2 id="title">{title}</h2>
      {children}
    </dialog>
  );
}

/** How a form was answered, and how it is left. */
export interface FormState {
  /** What is wrong in all, and with each field. */
  readonly problem: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
  readonly isBusy: boolean;
  readonly onCancel: () => void;
}

interface FormDialogProps {
  readonly title: string;
  /** What the form does. */
  readonly verb: string;
  readonly form: FormState;
  readonly children: ComponentChildren;
  readonly onSend: (values: FormData) => void;
}

export function FormDialog({ title, verb, form, children, onSend }: FormDialogProps) {
  return (
    <Dialog title={title} onCancel={form.onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!form.isBusy) onSend(new FormData(event.currentTarget));
        }}
      >
        {children}
        <Problem text={form.problem} />
        <div class="buttons">
          <button type="button" onClick={form.onCancel}>
            {words.cancel}
          </button>
          {/* Not `disabled`: that would take the focus away. */}
          <button type="submit" class="primary" aria-disabled={form.isBusy}>
            {verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly children: (attributes: FieldAttributes) => ComponentChildren;
}

interface FieldAttributes {
  readonly id: string;
  readonly name: string;
  readonly autocomplete: 'off';
  readonly 'aria-describedby': string;
  readonly 'aria-invalid': boolean;
}

/** An input with its label, its hint and what is wrong with it, tied together for a screen reader. */
export function Field({ name, label, hint, error, children }: FieldProps) {
  const id = `field-${name}`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, name, autocomplete: 'off', 'aria-describedby': `${id}-note`, 'aria-invalid': !!error })}
      <p id={`${id}-note`} class={error ? 'error' : 'hint'}>
        {error ?? hint}
      </p>
    </div>
  );
}

/** What is wrong, which a screen reader reads as it comes. */
export function Problem({ text }: { readonly text: string | undefined }) {
  return (
    <div role="alert" class="problem">
      {text}
    </div>
  );
}
