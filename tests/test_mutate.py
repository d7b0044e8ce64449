"""The tool that asks whether the tests would notice."""

from tests.mutate import changes


def test_what_is_changed() -> None:
    """A comparison, its constant, a condition, a return; no docstring and no annotation."""
    module = 'def f(x: int = -1) -> "str":\n    """Text."""\n    if not x <= 3:\n        return "a" + b\n'
    assert [(change.line, change.before, change.after) for change in changes(module)] == [
        (1, "-1", "+1"),
        (1, "1", "2"),
        (3, "not x <= 3", "not not x <= 3"),
        (3, "x <= 3", "x < 3"),
        (3, "3", "4"),
        (4, "return 'a' + b", "return None"),
        (4, "'a' + b", "'a' - b"),
        (4, "'a'", "'a~'"),
    ]
    assert len({change.module for change in changes(module)} - {module}) == 8
