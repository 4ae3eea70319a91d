import type { Key, Usage } from './api.ts';
import { formatDay } from './dates.ts';
import { Dialog } from './form.tsx';
import { words } from './words.ts';

const BAR = 10;
const TALLEST = 60;

/** How a key was used in the last days. The caption says in words what the bars show. */
export function UsageDialog({ target, usage, onClose }: { target: Key; usage: Usage; onClose: () => void }) {
  const { days, addresses, more } = usage;
  const most = Math.max(...days.map(({ minutesUsed }) => minutesUsed));
  const used = days.filter(({ minutesUsed }) => minutesUsed > 0).length;
  const refused = days.reduce((sum, { minutesRefused }) => sum + minutesRefused, 0);
  return (
    <Dialog title={words.usageTitle(target.name)} onCancel={onClose}>
      <figure>
        <svg viewBox={`0 0 ${days.length * BAR} ${TALLEST}`} aria-hidden="true">
          {days.map(({ day, minutesUsed }, index) => {
            const height = minutesUsed && Math.max(2, (minutesUsed / most) * TALLEST);
            return (
              <rect key={day} x={index * BAR + 1} y={TALLEST - height} width={BAR - 2} height={height}>
                <title>{words.minutes(formatDay(day), minutesUsed)}</title>
              </rect>
            );
          })}
        </svg>
        <figcaption>{words.usageText(used, days.length, most)}</figcaption>
      </figure>
      {refused > 0 && <p>{words.usageRefused(refused)}</p>}
      {addresses.length > 0 && <p>{words.usageFrom(addresses.join(', '), more)}</p>}
      <p class="hint">{words.usageSample}</p>
      <div class="buttons">
        <button type="button" onClick={onClose}>
          {words.close}
        </button>
      </div>
    </Dialog>
  );
}
