"""Breaks a copy of each thing that check:infra checks, in each way that it should notice, and sees that it does, by the
assertion meant for it. Run by infra/check/infra.mjs."""

import copy
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "infra/check/infra"))

from breaker import Responses
from breaker_openapi import OpenApiBody, OpenApiScript
from breaker_resources import Resources
from breaker_sam import SamApi, SamHttpApi
from breaker_terraform import TerraformModule
from breaker_websocket import WebSocketApi
from every_target import SENTENCES, TARGETS
from mutations import API_MUTATIONS, HTTP_MUTATIONS, QUOTE_MUTATIONS, RESPONSE_MUTATIONS
from mutations_examples import SCRIPT_MUTATIONS, SOURCE_MUTATIONS, TERRAFORM_MUTATIONS
from mutations_stack import LINTED_MUTATIONS, STACK_MUTATIONS


def gatepass_api(template: dict) -> OpenApiBody:
    resources = template["Resources"]
    body = resources["ExampleApiGateway"]["Properties"]["DefinitionBody"]
    return OpenApiBody(body, resources["ExampleApiMayCallAuthorizer"]["Properties"])


REST = [*API_MUTATIONS, *RESPONSE_MUTATIONS, *QUOTE_MUTATIONS]
HTTP = [*API_MUTATIONS, *HTTP_MUTATIONS]

# What each target is broken by, and with what.
BREAKERS = {
    "template.yaml": (gatepass_api, REST),
    "gateway responses": (Responses, RESPONSE_MUTATIONS),
    "sam": (SamApi, REST),
    "cloudformation": (lambda template: Resources(template["Resources"]), REST),
    "cdk": (lambda template: Resources(template["Resources"]), REST),
    "http-api": (SamHttpApi, HTTP),
    "websocket": (WebSocketApi, API_MUTATIONS),
    "openapi": (OpenApiScript, REST),
    "terraform": (TerraformModule, API_MUTATIONS),
    "sources": (dict, []),
}
OTHER_MUTATIONS = {
    "template.yaml": STACK_MUTATIONS,
    "openapi": SCRIPT_MUTATIONS,
    "terraform": TERRAFORM_MUTATIONS,
    "sources": SOURCE_MUTATIONS,
}


def try_mutations(target, mutations: list, document: dict, breaker=lambda document: document, with_lint: bool = False):
    """Yields each mutation that the target's check passed, or told of by other assertions."""
    for how, assertion, break_it in mutations:
        broken = copy.deepcopy(document)
        break_it(breaker(broken))
        if not any(finding.assertion == assertion for finding in target.check(broken, with_lint)):
            told = ", ".join(sorted({finding.assertion for finding in target.check(broken, with_lint)})) or "none"
            yield f"{target.name} with {how}: {assertion} says nothing (told: {told})"


def possible(breaker, mutations: list) -> list:
    """Without those that the form of the document has no words for."""
    cannot = getattr(breaker, "CANNOT", {})
    return [each for each in mutations if not cannot.keys() & set(each[2].__code__.co_names)]


def main() -> int:
    passed, missed, tried_assertions = 0, [], set()
    for target in TARGETS:
        started = time.monotonic()
        document = target.load()
        breaker, mutations = BREAKERS[target.name]
        mutations = possible(breaker(copy.deepcopy(document)), mutations)
        others, linted = OTHER_MUTATIONS.get(target.name, []), LINTED_MUTATIONS.get(target.name, [])
        found = [
            *try_mutations(target, mutations, document, breaker),
            *try_mutations(target, others, document),
            *try_mutations(target, linted, document, with_lint=True),
        ]
        tried_assertions |= {assertion for _, assertion, _ in (*mutations, *others, *linted)}
        tried = len(mutations) + len(others) + len(linted)
        passed, missed = passed + tried - len(found), missed + found
        print(
            f"  {target.name}: {tried} broken copies, {len(found)} missed, {time.monotonic() - started:.1f} s",
            flush=True,
        )
    missed += [f"{name}: no broken copy is meant for it" for name in sorted(SENTENCES.keys() - tried_assertions)]
    for each in missed:
        print(f"\nMISSED {each}")
    print(f"{passed} passed, {len(missed)} failed")
    return 1 if missed else 0


sys.exit(main())
