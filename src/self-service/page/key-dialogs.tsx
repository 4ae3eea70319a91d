import { useState } from 'preact/hooks';
import type { Key, KeysApi, ShownKey } from './api.ts';
import { formatAbsolute } from './dates.ts';
import { Dialog } from './dialog.tsx';
import { Buttons, Field, NameField, Problem, useSending } from './form.tsx';
import { words } from './words.ts';

interface KeyDialogProps {
  readonly target: Key;
  readonly api: KeysApi;
  readonly onCancel: () => void;
  readonly onSessionEnded: () => void;
}

const GRACES = [0, 3600, 86_400, 604_800] as const;
const PRESET_GRACE = 86_400;

export function RotateDialog(props: KeyDialogProps & { readonly onRotated: (shown: ShownKey) => void }) {
  const { target, api, onCancel, onSessionEnded, onRotated } = props;
  const isInGrace = target.state === 'in_grace';
  const isLeaked = target.disabledBy === 'leak';
  const [grace, setGrace] = useState<number>(PRESET_GRACE);
  const [discard, setDiscard] = useState<'current' | 'replaced'>('replaced');
  const { isBusy, problem, send } = useSending(async () => {
    onRotated(await api.rotate(target.id, { graceSeconds: isLeaked ? 0 : grace, ...(isInGrace && { discard }) }));
  }, onSessionEnded);
  return (
    <Dialog title={words.rotateTitle(target.name)} onCancel={onCancel}>
      <p>{isLeaked ? words.rotateLeakedText : words.rotateText}</p>
      <form onSubmit={send}>
        {isInGrace && (
          <fieldset>
            <legend>{words.inGraceText}</legend>
            {(['replaced', 'current'] as const).map((which) => (
              <label class="choice" key={which}>
                <input type="radio" name="discard" checked={discard === which} onChange={() => setDiscard(which)} />
                {which === 'replaced' ? words.discardReplaced : words.discardCurrent}
                {which === 'current' && target.graceEndsAt && ` (${formatAbsolute(target.graceEndsAt)})`}
              </label>
            ))}
          </fieldset>
        )}
        {!isLeaked && !(isInGrace && discard === 'current') && (
          <Field label={words.graceLabel}>
            {(attributes) => (
              <select {...attributes} value={grace} onChange={(event) => setGrace(Number(event.currentTarget.value))}>
                {GRACES.map((seconds) => (
                  <option key={seconds} value={seconds}>
                    {words.graces[seconds]}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        <Problem text={problem} />
        <Buttons verb={words.rotate} isBusy={isBusy} onCancel={onCancel} />
      </form>
    </Dialog>
  );
}

export function RenameDialog(props: KeyDialogProps & { readonly onRenamed: (key: Key) => void }) {
  const { target, api, onCancel, onSessionEnded, onRenamed } = props;
  const [name, setName] = useState(target.name);
  const { isBusy, problem, fields, send } = useSending(
    async () => onRenamed(await api.change(target.id, { name: name.trim() })),
    onSessionEnded,
  );
  return (
    <Dialog title={words.renameTitle(target.name)} onCancel={onCancel}>
      <form onSubmit={send}>
        <NameField value={name} error={fields['name']} onInput={setName} />
        <Problem text={problem} />
        <Buttons verb={words.save} isBusy={isBusy} onCancel={onCancel} />
      </form>
    </Dialog>
  );
}

export function DeleteDialog(props: KeyDialogProps & { readonly onDeleted: () => void }) {
  const { target, api, onCancel, onSessionEnded, onDeleted } = props;
  const [typed, setTyped] = useState('');
  const { isBusy, problem, send } = useSending(async () => {
    await api.remove(target.id);
    onDeleted();
  }, onSessionEnded);
  return (
    <Dialog title={words.deleteTitle(target.name)} onCancel={onCancel}>
      <p>{words.deleteText}</p>
      <form onSubmit={send}>
        <Field label={words.deleteLabel(target.name)}>
          {(attributes) => (
            <input
              {...attributes}
              autocomplete="off"
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          )}
        </Field>
        <Problem text={problem} />
        <Buttons verb={words.delete} isBusy={isBusy || typed.trim() !== target.name} onCancel={onCancel} />
      </form>
    </Dialog>
  );
}
