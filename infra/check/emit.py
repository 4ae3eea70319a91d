"""Says as JSON what only Python's libraries can tell: what SAM makes of a template, what cfn-lint finds in one, and
what an HCL file holds. Each line of standard input is a request, each line of standard output its answer:

{"transform": template, "parameters": {...}} -> {"template": ...} or {"refused": "why"}
{"lint": template}                           -> {"findings": [{"rule": "E1020", "message": ..., "at": ...}]}
{"hcl": "text"}                              -> {"document": ...}
"""

import json
import logging
import os
import sys

REGION = os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")  # the translator wants one before it is imported
MANAGED_POLICIES = {
    "AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}


class PolicyLoader:
    """In place of the loader that would ask IAM."""

    def load(self):
        return MANAGED_POLICIES


def transform(template, parameters):
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform as translate

    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)  # it tells of metrics that it couldn't send
    try:
        return {"template": translate(template, parameters, PolicyLoader())}
    except InvalidDocumentException as error:
        return {"refused": "; ".join([error.message, *(cause.message for cause in error.causes)])}


def lint(template):
    from cfnlint.api import lint as find

    matches = find(json.dumps(template), regions=[REGION])
    return {
        "findings": [
            {"rule": match.rule.id, "message": match.message, "at": "/".join(map(str, match.path or []))}
            for match in matches
        ]
    }


def read_hcl(text):
    from hcl2 import SerializationOptions, loads

    plain = SerializationOptions(with_comments=False, explicit_blocks=False, strip_string_quotes=True)
    return {"document": loads(text, serialization_options=plain)}


for line in sys.stdin:
    request = json.loads(line)
    if "transform" in request:
        answer = transform(request["transform"], request["parameters"])
    elif "lint" in request:
        answer = lint(request["lint"])
    else:
        answer = read_hcl(request["hcl"])
    print(json.dumps(answer), flush=True)
