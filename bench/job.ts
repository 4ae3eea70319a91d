/** What `run.mjs` hands over to the Node that measures. */
export interface Job {
  readonly smoke: boolean;
  readonly json: boolean;
  readonly rounds: number;
  /** How many keys the large table has. */
  readonly keys: number;
  readonly only: readonly ('cold' | 'warm' | 'growth')[];
  readonly installed: { readonly folder: string; readonly node: string; readonly ric: string };
  readonly certificate: Certificate;
  /** A folder for this run alone. */
  readonly work: string;
}

export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}
