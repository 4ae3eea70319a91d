"""infra/attach/openapi: the document as import.sh hands it over, and what the script asks of AWS beside it."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import read_openapi
import yaml
from model import Api, Finding, Permission
from shared import ATTACH, AUTHORIZER_ARN, check_api

API_ID = "a1b2c3d4e5"
BACKEND_URL = "https://backend.example.com"

# Stands in for the AWS command-line tool: writes down what it is asked, and keeps the document.
AWS = r"""#!/bin/sh
for argument in "$@"; do
  printf '%s\037' "$argument" >>"$CALLS/calls"
  case $argument in fileb://*) cp "${argument#fileb://}" "$CALLS/document.yaml" ;; esac
done
echo >>"$CALLS/calls"
case $* in *import-rest-api*) echo a1b2c3d4e5 ;; esac
"""


class OpenApi:
    name = "openapi"
    path = ATTACH / "openapi/openapi.yaml"

    def load(self) -> dict:
        return {
            "document": yaml.safe_load(self.path.read_text()),
            "script": (self.path.parent / "import.sh").read_text(),
        }

    def check(self, loaded: dict, with_lint: bool = True) -> list[Finding]:
        try:
            document, calls = run_script(loaded)
            _, calls_over = run_script(loaded, API_ID)
        except subprocess.CalledProcessError as error:
            return [Finding("import-script", "import.sh", error.stderr)]
        findings = check_api(read_imported(document, calls), AUTHORIZER_ARN, "*", "api")
        if "{{" in str(document):
            findings.append(Finding("import-script", "openapi.yaml", "goes out with a {{placeholder}} in it"))
        for made, wanted in ((calls, "import-rest-api"), (calls_over, "put-rest-api")):
            if [call[1] for call in made if "rest-api" in call[1]] != [wanted] or not is_deployed(made):
                findings.append(Finding("deployment-has-every-part", "import.sh", f"doesn't deploy after {wanted}"))
        return findings


def is_deployed(calls: list[list[str]]) -> bool:
    return bool(calls) and calls[-1][1] == "create-deployment" and option(calls[-1], "--rest-api-id") == API_ID


def run_script(loaded: dict, *arguments: str) -> tuple[dict, list[list[str]]]:
    folder = Path(tempfile.mkdtemp(prefix="gatepass-openapi-"))
    try:
        for name in ("calls", "document.yaml"):
            (folder / name).touch()
        (folder / "openapi.yaml").write_text(yaml.safe_dump(loaded["document"], width=10_000))
        for name, text in (("import.sh", loaded["script"]), ("aws", AWS)):
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)
        environment = {
            "PATH": f"{folder}:/usr/bin:/bin",
            "CALLS": str(folder),
            "AUTHORIZER_ARN": AUTHORIZER_ARN,
            "BACKEND_URL": BACKEND_URL,
        }
        script = [str(folder / "import.sh"), *arguments]
        subprocess.run(script, env=environment, check=True, capture_output=True, text=True, timeout=30)
        calls = [line.split("\037")[:-1] for line in (folder / "calls").read_text().splitlines()]
        return yaml.safe_load((folder / "document.yaml").read_text()) or {}, calls
    finally:
        shutil.rmtree(folder)


def read_imported(document: dict, calls: list[list[str]]) -> Api:
    return Api(
        kind="REST",
        arn=f"arn:aws:execute-api:eu-west-1:123456789012:{API_ID}",
        methods=read_openapi.methods(document),
        authorizers=read_openapi.authorizers(document),
        permissions=[
            Permission(
                function=option(call, "--function-name"),
                action=option(call, "--action"),
                principal=option(call, "--principal"),
                source_arn=option(call, "--source-arn"),
            )
            for call in calls
            if call[:2] == ["lambda", "add-permission"]
        ],
        gateway_responses=read_openapi.gateway_responses(document),
    )


def option(call: list[str], name: str) -> str:
    return call[call.index(name) + 1] if name in call else ""
