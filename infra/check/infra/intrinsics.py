"""Works out a CloudFormation template's intrinsic functions, so that assertions read plain values.

A resource becomes its name in `${…}`: `!Ref Table` is `${Table}` and `!GetAtt Table.Arn` is `${Table.Arn}`.
"""

import re

PSEUDO_PARAMETERS = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackName": "gatepass",
    "AWS::URLSuffix": "amazonaws.com",
}
NO_VALUE = object()


class Intrinsics:
    def __init__(self, template: dict, parameters: dict):
        defaults = {
            name: parameter["Default"]
            for name, parameter in template.get("Parameters", {}).items()
            if "Default" in parameter
        }
        self.values = PSEUDO_PARAMETERS | defaults | parameters
        self.conditions = template.get("Conditions", {})

    def resolve(self, node):
        if isinstance(node, list):
            return [value for value in map(self.resolve, node) if value is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (name, argument), *_ = node.items()
            function = getattr(self, "_" + name.replace("Fn::", "").lower(), None)
            if function and (name in ("Ref", "Condition") or name.startswith("Fn::")) and self._is_call(name, argument):
                return function(argument)
        resolved = {name: self.resolve(value) for name, value in node.items()}
        return {name: value for name, value in resolved.items() if value is not NO_VALUE}

    @staticmethod
    def _is_call(name: str, argument) -> bool:
        return name != "Condition" or isinstance(argument, str)  # a policy statement has a Condition too

    def _ref(self, name):
        if name == "AWS::NoValue":
            return NO_VALUE
        return self.values.get(name, f"${{{name}}}")

    def _getatt(self, argument):
        return "${" + (argument if isinstance(argument, str) else ".".join(argument)) + "}"

    def _sub(self, argument):
        text, extra = argument if isinstance(argument, list) else (argument, {})
        values = self.values | {name: self.resolve(value) for name, value in extra.items()}
        return re.sub(r"\$\{([^!][^}]*)\}", lambda match: str(values.get(match[1], match[0])), text)

    def _join(self, argument):
        separator, parts = argument
        parts = self.resolve(parts)
        return separator.join(map(str, parts if isinstance(parts, list) else [parts]))

    def _split(self, argument):
        separator, text = argument
        return self.resolve(text).split(separator)

    def _select(self, argument):
        index, values = argument
        return self.resolve(values)[int(index)]

    def _if(self, argument):
        condition, when_true, when_false = argument
        return self.resolve(when_true if self.holds(condition) else when_false)

    def _condition(self, name):
        return self.holds(name)

    def _equals(self, argument):
        first, second = map(self.resolve, argument)
        return str(first) == str(second)

    def _not(self, argument):
        return not self.resolve(argument[0])

    def _and(self, argument):
        return all(map(self.resolve, argument))

    def _or(self, argument):
        return any(map(self.resolve, argument))

    def holds(self, condition: str) -> bool:
        return self.resolve(self.conditions[condition])

    def resources(self, template: dict) -> dict:
        """The resources that are made with these parameters."""
        return {
            name: self.resolve({key: value for key, value in resource.items() if key != "Condition"})
            for name, resource in template["Resources"].items()
            if "Condition" not in resource or self.holds(resource["Condition"])
        }
