"""Checks template.yaml and the examples of infra/attach, without AWS. Run by infra/check/infra.mjs."""

import sys
import time

from every_target import SENTENCES, TARGETS
from model import Finding


def main() -> int:
    failed = []
    for target in TARGETS:
        started = time.monotonic()
        findings = list(target.check(target.load()))
        print(f"  {target.name}: {len(findings)} faults, {time.monotonic() - started:.1f} s", flush=True)
        failed += [Finding(each.assertion, f"{target.name}, {each.where}", each.what) for each in findings]
    for each in failed:
        print(f"\nFAILED {each.assertion}: {SENTENCES[each.assertion]}\n  {each.where} {each.what}")
    return 1 if failed else 0


sys.exit(main())
