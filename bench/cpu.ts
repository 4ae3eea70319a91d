import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the threads of a process have had of the CPUs so far, in milliseconds; those that have ended aren't counted. */
export function cpuMilliseconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + nanosecondsOf(`/proc/${pid}/task/${thread}`), 0) / 1e6;
}

function nanosecondsOf(task: string): number {
  try {
    // proc(5): the first number is the time on a CPU, in nanoseconds.
    return Number(readFileSync(`${task}/schedstat`, 'utf8').split(' ')[0]);
  } catch {
    return 0; // it has ended since the folder was read
  }
}

/** Lets a process have no more than a share of one CPU. */
export interface Quota {
  /** @param share of one CPU: 0.29 is what Lambda gives 512 MB. */
  limit(pid: number, share: number): void;
  remove(): void;
}

const PERIOD_US = 20_000;

/** Where control groups are made, and which files tell how many microseconds of each period a group has. */
const VERSIONS: readonly { readonly root: string; readonly files: (us: number) => ReadonlyMap<string, string> }[] = [
  {
    root: '/sys/fs/cgroup/cpu',
    files: (us) =>
      new Map([
        ['cpu.cfs_period_us', `${PERIOD_US}`],
        ['cpu.cfs_quota_us', `${us}`],
      ]),
  },
  { root: '/sys/fs/cgroup', files: (us) => new Map([['cpu.max', `${us} ${PERIOD_US}`]]) },
];

/** A quota by a control group of Linux's, version 1 or 2; `undefined` where none can be made (it needs root). */
export function createQuota(name: string): Quota | undefined {
  for (const { root, files } of VERSIONS) {
    const folder = join(root, name);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    if (![...files(0).keys()].every((file) => existsSync(join(folder, file)))) {
      rmdirSync(folder);
      continue;
    }
    return {
      limit(pid, share) {
        for (const [file, value] of files(share * PERIOD_US)) writeFileSync(join(folder, file), value);
        writeFileSync(join(folder, 'cgroup.procs'), String(pid));
      },
      remove: () => rmdirSync(folder),
    };
  }
  return undefined;
}
