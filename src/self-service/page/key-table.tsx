import type { Key, KeyList, Me } from './api.ts';
import { daysSince, formatAbsolute, formatDay, formatRelative } from './dates.ts';
import { words } from './words.ts';

export type Act = 'rotate' | 'toggle' | 'delete';

interface KeyTableProps {
  readonly list: KeyList;
  readonly scopes: Me['scopes'];
  readonly now: number;
  readonly onUsage: (key: Key) => void;
  readonly onAct: (act: Act, key: Key) => void;
}

const OLD_DAYS = 90;
const SOON_DAYS = 14;

/** The roles stand although a table has them: as cards, on a narrow screen, it would lose them. */
export function KeyTable({ list: { keys, usageSince }, scopes, now, onUsage, onAct }: KeyTableProps) {
  const hasScopes = scopes.length > 0 || keys.some((key) => key.scope !== undefined);
  const { name, id, scope, created, expires, lastUsed, state, actions } = words.columns;
  return (
    <table role="table" aria-label={words.title}>
      <thead role="rowgroup">
        <tr role="row">
          {[name, id, ...(hasScopes ? [scope] : []), created, expires, ...(usageSince ? [lastUsed] : []), state].map(
            (title) => (
              <th key={title} role="columnheader" scope="col">
                {title}
              </th>
            ),
          )}
          <th role="columnheader" scope="col">
            <span class="visually-hidden">{actions}</span>
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {keys.map((key) => (
          <tr key={key.id} role="row">
            <th role="rowheader" scope="row" data-label={name}>
              <bdi>{key.name}</bdi>
            </th>
            <td role="cell" data-label={id}>
              <code title={key.id}>{shortened(key.id)}</code>
            </td>
            {hasScopes && (
              <td role="cell" data-label={scope}>
                {key.scope === undefined ? words.anyScope : labelsOf(key.scope, scopes)}
              </td>
            )}
            <td role="cell" data-label={created}>
              <Moment time={key.createdAt} now={now} />
            </td>
            <td role="cell" data-label={expires}>
              {key.expiresAt === undefined ? words.never : <Moment time={key.expiresAt} now={now} />}
            </td>
            {usageSince && (
              <td role="cell" data-label={lastUsed}>
                {key.lastUsedAt === undefined ? (
                  words.notSince(formatDay(later(usageSince, key.createdAt)))
                ) : (
                  <button type="button" class="link" onClick={() => onUsage(key)}>
                    <Moment time={key.lastUsedAt} now={now} />
                    <span class="visually-hidden">{words.usageOf(key.name)}</span>
                  </button>
                )}
              </td>
            )}
            <td role="cell" data-label={state}>
              {stateOf(key, now)}
              {hintsOf(key, usageSince, now).map((hint) => (
                <p key={hint} class="hint">
                  {hint}
                </p>
              ))}
            </td>
            <td role="cell">
              <div class="actions">
                {actsOf(key).map(([act, verb]) => (
                  <button
                    key={act}
                    type="button"
                    aria-label={words.action(verb, key.name)}
                    onClick={() => onAct(act, key)}
                  >
                    {verb}
                  </button>
                ))}
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** All keys of a user start alike, with what stands for the user: the end tells them apart. */
function shortened(id: string): string {
  return `${id.slice(0, 4)}…${id.slice(-6)}`;
}

function Moment({ time, now }: { readonly time: string; readonly now: number }) {
  return (
    <time dateTime={time} title={formatAbsolute(time)}>
      {formatRelative(time, now)}
      <span class="visually-hidden"> ({formatAbsolute(time)})</span>
    </time>
  );
}

function labelsOf(scope: string, scopes: Me['scopes']): string {
  return scope
    .split(' ')
    .map((value) => scopes.find((one) => one.value === value)?.label ?? value)
    .join(', ');
}

function stateOf(key: Key, now: number): string {
  const { states } = words;
  switch (key.state) {
    case 'expired':
      return states.expired;
    case 'disabled':
      if (key.disabledBy === 'leak') return states.leaked(key.leakedWhere);
      return `${states.disabled} ${states.disabledBy[key.disabledBy ?? 'user']}`.trim();
    case 'in_grace':
      return key.graceEndsAt === undefined ? states.active : states.inGrace(formatRelative(key.graceEndsAt, now));
    case 'active':
      return key.expiresAt !== undefined && -daysSince(key.expiresAt, now) < SOON_DAYS
        ? states.expiresSoon(formatRelative(key.expiresAt, now))
        : states.active;
  }
}

function hintsOf(key: Key, usageSince: string | undefined, now: number): readonly string[] {
  if (key.state !== 'active' && key.state !== 'in_grace') return [];
  const isOld = daysSince(key.rotatedAt ?? key.createdAt, now) > OLD_DAYS;
  const seen = key.lastUsedAt ?? (usageSince && later(usageSince, key.createdAt));
  const isUnused = seen !== undefined && daysSince(seen, now) > OLD_DAYS;
  return [...(isOld ? [words.hintOld] : []), ...(isUnused ? [words.hintUnused] : [])];
}

/** Of two times as the API writes them. */
function later(one: string, other: string): string {
  return one > other ? one : other;
}

function actsOf(key: Key): readonly (readonly [Act, string])[] {
  const isLive = key.state === 'active' || key.state === 'in_grace';
  const toggle = isLive ? words.disable : words.enable;
  const canToggle = isLive || (key.state === 'disabled' && (key.disabledBy ?? 'user') === 'user');
  return [
    ...(isLive || key.disabledBy === 'leak' ? [['rotate', words.rotate] as const] : []),
    ...(canToggle ? [['toggle', toggle] as const] : []),
    ['delete', words.delete],
  ];
}
