import type { Key, KeyList, Me, ShownKey, Usage } from './api.ts';
import { type FormState, Problem } from './form.tsx';
import { DeleteDialog, NewKeyDialog, RotateDialog } from './key-dialogs.tsx';
import { KeyTable } from './key-table.tsx';
import { ShownKeyDialog } from './shown-key.tsx';
import type { Draft } from './sign-in.ts';
import { UsageDialog } from './usage.tsx';
import { words } from './words.ts';

/** All that the page shows. It lies in memory only, and a key that was just made in `shown` alone. */
export interface State {
  readonly me?: Me;
  readonly list?: KeyList;
  /** What happened, for a screen reader to say. */
  readonly told?: string;
  /** What is wrong with what the user did last, in all and by field. */
  readonly problem?: string | undefined;
  readonly fields?: FormState['fields'];
  readonly isBusy?: boolean;
  readonly open?: Open | undefined;
  readonly shown?: ShownKey | undefined;
  readonly copied?: string;
  /** The session has ended. What was typed is taken along when the user signs in again. */
  readonly ended?: { readonly unsent: Draft | undefined };
}

/** The dialog that is open. `draft` is what was typed into it before the user had to sign in again. */
type Open =
  | { readonly kind: 'new'; readonly draft?: Draft | undefined }
  | { readonly kind: 'rotate' | 'delete'; readonly key: Key }
  | { readonly kind: 'usage'; readonly key: Key; readonly usage: Usage };

interface ScreenParts {
  /** What the `curl` line beside a new key calls. */
  readonly exampleUrl: string;
  readonly onOpen: (open: Open | undefined) => void;
  readonly onReload: () => void;
  readonly onCreate: (values: FormData) => void;
  readonly onRotate: (key: Key, values: FormData) => void;
  readonly onToggle: (key: Key) => void;
  readonly onDelete: (key: Key, values: FormData) => void;
  readonly onUsage: (key: Key) => void;
  readonly onCopied: (told: string) => void;
  readonly onStored: () => void;
  readonly onSignIn: (unsent: Draft | undefined) => void;
  readonly onSignOut: () => void;
}

/** @returns the page in a state of it */
export function createScreen(parts: ScreenParts) {
  return (state: State) => {
    const { me, list, told, open, shown, copied } = state;
    return (
      <>
        <header>
          <h1>{words.title}</h1>
          {me && <p class="faint">{words.signedInAs(nameOf(me))}</p>}
          <button type="button" onClick={parts.onSignOut}>
            {words.signOut}
          </button>
        </header>
        <p role="status">{told}</p>
        <main>
          {notice(state)}
          {me && list && table(me, list)}
        </main>
        {me && open && dialog(me, open, state)}
        {shown && <ShownKeyDialog {...parts} shown={shown} copied={copied} />}
      </>
    );
  };

  /** What the user has to know or to do before they see keys, or in their place. */
  function notice({ list, problem, open, ended }: State) {
    if (ended !== undefined) {
      return notify(words.sessionEnded, words.signIn, () => parts.onSignIn(ended.unsent));
    }
    if (problem !== undefined && open === undefined) return notify(problem, words.retry, parts.onReload);
    return <p aria-busy={list === undefined}>{list === undefined && words.loading}</p>;
  }

  function table(me: Me, list: KeyList) {
    return (
      <>
        <button id="new" type="button" class="primary" onClick={() => parts.onOpen({ kind: 'new' })}>
          {words.newKey}
        </button>
        {list.keys.length === 0 ? (
          <p>{words.empty}</p>
        ) : (
          <KeyTable
            list={list}
            scopes={me.scopes}
            now={Date.now()}
            onUsage={parts.onUsage}
            onAct={(kind, key) => (kind === 'toggle' ? parts.onToggle(key) : parts.onOpen({ kind, key }))}
          />
        )}
      </>
    );
  }

  function dialog(me: Me, open: Open, { problem, fields = {}, isBusy = false }: State) {
    const form = { problem, fields, isBusy, onCancel: () => parts.onOpen(undefined) };
    if (open.kind === 'new') {
      return <NewKeyDialog me={me} draft={open.draft ?? {}} form={form} onSend={parts.onCreate} />;
    }
    const { kind, key } = open;
    if (kind === 'usage') return <UsageDialog target={key} usage={open.usage} onClose={form.onCancel} />;
    const props = { target: key, form };
    if (kind === 'rotate') return <RotateDialog {...props} onSend={(values) => parts.onRotate(key, values)} />;
    return <DeleteDialog {...props} onSend={(values) => parts.onDelete(key, values)} />;
  }
}

/** A message with what to do about it; a screen reader reads it as it comes. */
function notify(text: string, verb: string, onAct: () => void) {
  return (
    <>
      <Problem text={text} />
      <button type="button" class="primary" onClick={onAct}>
        {verb}
      </button>
    </>
  );
}

function nameOf({ firstName, lastName, email, userId }: Me): string {
  return [firstName, lastName].filter(Boolean).join(' ') || email || userId;
}
