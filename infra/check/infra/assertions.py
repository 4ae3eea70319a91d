"""How assertions are written down and run: a name, a sentence, and code that yields (where, what) for each fault."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from model import Finding

Faults = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Assertion:
    name: str
    sentence: str
    find: Callable[..., Faults]


class Assertions(list[Assertion]):
    def add(self, name: str, sentence: str):
        """A decorator: the function's faults are the assertion's."""

        def register(find: Callable[..., Faults]):
            self.append(Assertion(name, sentence, find))
            return find

        return register

    def run(self, *subject) -> list[Finding]:
        return [Finding(each.name, where, what) for each in self for where, what in each.find(*subject)]
