import { render } from 'preact';
import { ApiError, createKeysApi, type Key, type ShownKey } from './api.ts';
import { createScreen, type State } from './screen.tsx';
import { SessionEnded } from './session.ts';
import type { Draft, PageConfig, SignedIn } from './sign-in.ts';
import { words } from './words.ts';

/** Shows the keys of a user who has signed in, and does what they ask for. */
export function startApp(root: Element, { base, exampleUrl }: PageConfig, user: SignedIn): void {
  const api = createKeysApi(base, user.accessToken);
  const screen = createScreen({
    exampleUrl,
    onOpen: (open) => set({ open, problem: undefined, fields: {} }),
    onReload: () => void attempt(load),
    onCreate: create,
    onRotate: rotate,
    onToggle: (key) =>
      void attempt(async () => {
        const active = key.state === 'disabled';
        await api.change(key.id, { active });
        await done(active ? words.enabled(key.name) : words.disabled(key.name));
      }),
    onDelete: remove,
    onUsage: (key) => void attempt(async () => set({ open: { kind: 'usage', key, usage: await api.usage(key.id) } })),
    onCopied: (copied) => set({ copied }),
    onStored: () => {
      set({ shown: undefined });
      void attempt(load);
    },
    onSignIn: (unsent) => void user.signInAgain(unsent),
    onSignOut: () => void user.signOut(),
  });
  let state: State = { open: user.draft && { kind: 'new', draft: user.draft } };
  let pending = 0;
  void attempt(load);

  function set(change: State): void {
    state = { ...state, ...change };
    render(screen(state), root);
  }

  /** Does something, and tells what is wrong with it. @param unsent what is kept if the session has ended */
  async function attempt(act: () => Promise<void>, unsent?: Draft): Promise<void> {
    pending++;
    set({ isBusy: true, problem: undefined, fields: {} });
    try {
      await act();
    } catch (error) {
      if (isSessionEnd(error)) set({ open: undefined, ended: { unsent } });
      else set({ problem: problemOf(error), fields: error instanceof ApiError ? error.fields : {} });
    }
    set({ isBusy: --pending > 0 });
  }

  async function load(): Promise<void> {
    const [me, list] = await Promise.all([api.me(), api.list()]);
    set({ me, list });
  }

  async function done(told: string): Promise<void> {
    set({ open: undefined, told });
    await load();
  }

  function show(shown: ShownKey, told: string): void {
    set({ open: undefined, shown, copied: '', told });
  }

  function create(values: FormData): void {
    const [name, days, networks] = [textOf(values, 'name'), textOf(values, 'days'), textOf(values, 'networks')];
    const scope = values.getAll('scope').join(' ');
    const blocks = networks.split(/[\s,]+/).filter(Boolean);
    const newKey = {
      ...{ name: name.trim(), expiresInDays: Number(days) },
      ...(scope && { scope }),
      ...(blocks.length > 0 && { networks: blocks }),
    };
    const unsent = { name, scope, days, networks };
    void attempt(async () => show(await api.create(newKey), words.created(newKey.name)), unsent);
  }

  function rotate(key: Key, values: FormData): void {
    const discard = textOf(values, 'discard') || undefined;
    const rotation = { graceSeconds: Number(textOf(values, 'grace')), discard };
    void attempt(async () => show(await api.rotate(key.id, rotation), words.rotated(key.name)));
  }

  function remove(key: Key, values: FormData): void {
    if (textOf(values, 'typed').trim() !== key.name) set({ fields: { typed: words.deleteMismatch } });
    else
      void attempt(async () => {
        await api.remove(key.id);
        await done(words.deleted(key.name));
        // What the focus was on has gone with the key.
        document.getElementById('new')?.focus();
      });
  }
}

/** A field of a form of ours: none holds a file. */
function textOf(values: FormData, name: string): string {
  return String(values.get(name) ?? '');
}

function isSessionEnd(error: unknown): boolean {
  if (error instanceof ApiError) return error.code === 'session_ended' || error.code === 'invalid_token';
  return error instanceof SessionEnded;
}

/** The server says what went wrong and what to do; a language may have words of its own for a code. */
function problemOf(error: unknown): string {
  return error instanceof ApiError ? (words.errors[error.code] ?? error.message) : words.offline;
}
