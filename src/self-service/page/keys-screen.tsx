import { useCallback, useEffect, useState } from 'preact/hooks';
import { createKeysApi, type Key, type KeysApi, type Me, type ShownKey } from './api.ts';
import { isSessionEnd, Problem, problemOf } from './form.tsx';
import { DeleteDialog, RenameDialog, RotateDialog } from './key-dialogs.tsx';
import { type Act, KeyTable } from './key-table.tsx';
import { NewKeyDialog } from './new-key.tsx';
import type { Session } from './session.ts';
import { ShownKeyDialog } from './shown-key.tsx';
import type { Draft, PageConfig } from './sign-in.ts';
import { words } from './words.ts';

type Open = { readonly kind: 'new' } | { readonly kind: Exclude<Act, 'toggle'>; readonly key: Key };

interface ScreenProps {
  readonly config: PageConfig;
  readonly session: Session;
  readonly draft: Draft | undefined;
}

/** The whole page of a signed-in user. */
export function KeysScreen({ config, session, draft }: ScreenProps) {
  const [api] = useState<KeysApi>(() => createKeysApi(config.base, session.accessToken));
  const [me, setMe] = useState<Me>();
  const [keys, setKeys] = useState<readonly Key[]>();
  const [problem, setProblem] = useState<string>();
  const [told, setTold] = useState('');
  /** What was typed into a new key's form before the user had to sign in again. */
  const [typed, setTyped] = useState(draft);
  const [open, setOpen] = useState<Open | undefined>(draft && { kind: 'new' });
  const [shown, setShown] = useState<ShownKey>();
  /** What to take along when the user signs in again; undefined while the session lives. */
  const [ended, setEnded] = useState<Draft>();

  const load = useCallback(async () => {
    setProblem(undefined);
    try {
      const [caller, list] = await Promise.all([api.me(), api.list()]);
      setMe(caller);
      setKeys(list);
    } catch (error) {
      if (isSessionEnd(error)) setEnded({});
      setProblem(problemOf(error));
    }
  }, [api]);
  useEffect(() => void load(), [load]);

  function close(): void {
    setOpen(undefined);
    setTyped(undefined);
  }
  function endSession(unsent: Draft = {}): void {
    setOpen(undefined);
    setEnded(unsent);
  }
  async function done(message: string): Promise<void> {
    close();
    setTold(message);
    await load();
  }
  async function act(kind: Act, key: Key): Promise<void> {
    if (kind !== 'toggle') return setOpen({ kind, key });
    const enable = key.state === 'disabled';
    try {
      await api.change(key.id, { active: enable });
      await done(enable ? words.enabled(key.name) : words.disabled(key.name));
    } catch (error) {
      if (isSessionEnd(error)) endSession();
      setProblem(problemOf(error));
    }
  }
  function show(made: ShownKey, message: string): void {
    close();
    setShown(made);
    setTold(message);
  }
  async function stored(): Promise<void> {
    setShown(undefined);
    await load();
  }

  const scopeLabels = new Map(me?.scopes.map(({ value, label }) => [value, label]));
  return (
    <>
      <header>
        <h1>{words.title}</h1>
        {me && <p class="who">{words.signedInAs(nameOf(me))}</p>}
        <button type="button" onClick={() => void session.signOut()}>
          {words.signOut}
        </button>
      </header>
      <p role="status" class="told">
        {told}
      </p>
      {ended !== undefined && (
        <section class="ended">
          <p role="alert">{words.sessionEnded}</p>
          <button type="button" class="primary" onClick={() => void session.signInAgain(ended)}>
            {words.signIn}
          </button>
        </section>
      )}
      {ended === undefined && <Problem text={problem} />}
      {problem !== undefined && ended === undefined && (
        <button type="button" onClick={() => void load()}>
          {words.retry}
        </button>
      )}
      {keys === undefined && problem === undefined && <p aria-busy="true">{words.loading}</p>}
      {keys !== undefined && (
        <main>
          <button
            type="button"
            class="primary"
            data-focus-home
            disabled={me === undefined}
            onClick={() => setOpen({ kind: 'new' })}
          >
            {words.newKey}
          </button>
          {keys.length === 0 ? (
            <p class="empty">{words.empty}</p>
          ) : (
            <KeyTable
              keys={keys}
              scopeLabels={scopeLabels}
              now={Date.now()}
              onAct={(kind, key) => void act(kind, key)}
            />
          )}
        </main>
      )}
      {me && open?.kind === 'new' && (
        <NewKeyDialog
          me={me}
          draft={typed}
          create={api.create}
          onCreated={(made) => show(made, words.created(made.key.name))}
          onCancel={close}
          onSessionEnded={endSession}
        />
      )}
      {open?.kind === 'rotate' && (
        <RotateDialog {...forKey(open.key)} onRotated={(made) => show(made, words.rotated(made.key.name))} />
      )}
      {open?.kind === 'rename' && (
        <RenameDialog {...forKey(open.key)} onRenamed={({ name }) => void done(words.renamed(name))} />
      )}
      {open?.kind === 'delete' && (
        <DeleteDialog {...forKey(open.key)} onDeleted={() => void done(words.deleted(open.key.name))} />
      )}
      {shown && <ShownKeyDialog shown={shown} exampleUrl={config.exampleUrl} onStored={() => void stored()} />}
    </>
  );

  function forKey(target: Key) {
    return { target, api, onCancel: close, onSessionEnded: () => endSession() };
  }
}

function nameOf({ firstName, lastName, email, userId }: Me): string {
  return [firstName, lastName].filter(Boolean).join(' ') || email || userId;
}
