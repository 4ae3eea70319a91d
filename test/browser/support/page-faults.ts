import type { OpenPage } from '../../e2e/support/browser.ts';

/** What is wider than where it stands, but for what scrolls in itself or is for screen readers alone. */
const WIDER = `[...document.querySelectorAll('html, header, main *, dialog, dialog *, [role=status]')]
  .filter((one) => one.clientWidth > 1 && one.scrollWidth > one.clientWidth && !one.matches('input, textarea, thead *'))
  .map((one) => one.outerHTML.slice(0, 80))`;

/** What is wrong with how the page looks now, light and dark, wide and narrow: by axe, and what doesn't fit. */
export async function faultsOf({ page, violations, picture }: OpenPage, pictureName?: string) {
  const faults: string[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    for (const width of [320, 1100]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 640 });
      if (pictureName !== undefined && width > 320) await picture(`${pictureName}-${colorScheme}`);
      const wider = await page.evaluate<readonly string[]>(WIDER);
      const found = [...(await violations()), ...wider.map((html) => `too wide: ${html}`)];
      faults.push(...found.map((fault) => `${colorScheme}, ${width} px: ${fault}`));
    }
  }
  return faults;
}
