"""All that is checked, in the order in which it is told of, and all that is asserted."""

from assert_api import API_ASSERTIONS
from assert_gateway_responses import RESPONSE_ASSERTIONS
from assert_stack import STACK_ASSERTIONS
from assert_template import TEMPLATE_ASSERTIONS
from openapi import OpenApi
from shared import SharedResponses, Sources
from targets import CDK, EXAMPLES, GATEPASS
from terraform import Terraform

TARGETS = [GATEPASS, SharedResponses(), *EXAMPLES, CDK, OpenApi(), Terraform(), Sources()]

ASSERTIONS = [*API_ASSERTIONS, *RESPONSE_ASSERTIONS, *STACK_ASSERTIONS, *TEMPLATE_ASSERTIONS]
SENTENCES = {each.name: each.sentence for each in ASSERTIONS} | {
    "transform": "SAM can transform it.",
    "lint": "The linter has nothing to say of what CloudFormation gets.",
    "example-api-on-request": "The example API is made only where it is asked for.",
    "import-script": "The import script runs, and leaves no placeholder in the document.",
    "references-resolve": "What the Terraform module refers to is declared.",
    "arguments-known": "The Terraform provider has such an argument.",
    "partition-not-hard-coded": "It works in China and GovCloud too: no ARN is written out with arn:aws:.",
}
