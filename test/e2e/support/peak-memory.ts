/** Has a program tell its peak memory, in KiB, as its last words on stderr: Linux's own, or what Node says of it. */
const TELL_PEAK = `data:text/javascript,${encodeURIComponent(`
  import { existsSync, readFileSync } from 'node:fs';
  process.on('exit', () => {
    const own = existsSync('/proc/self/status') && /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
    process.stderr.write('peak ' + (own ? own[1] : process.resourceUsage().maxRSS) + ' KiB');
  });
`)}`;

/** The options of Node by which a program tells its peak memory at its end. */
export const TELLING_PEAK = ['--import', TELL_PEAK] as const;

/** What a program told so, in MB. */
export function peakMegabytes(stderr: string): number {
  return Number(/peak (\d+) KiB$/.exec(stderr)?.[1]) / 1024;
}
