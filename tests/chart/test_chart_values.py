"""No dead knob: each value is set, known to the schema, described, and seen in the objects."""

import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from chart_rendering import (
    CASES,
    CHART,
    RefusedError,
    defaults,
    helm,
    minimal,
    overridden,
    render_text,
    values_of,
)

# What gives way to another value has to be seen without that one.
WITHOUT = {"tag": "digest"}
# Setting it back needs another value to change with it; what it makes has tests of its own.
EXCLUSIVE = frozenset({"starrocks.enabled"})


def leaves(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted paths and values of all that is no group of values."""
    for key, value in values.items():
        inner = f"{path}.{key}" if path else key
        if isinstance(value, Mapping) and value:
            yield from leaves(value, inner)
        else:
            yield inner, value


def at(values: Mapping[str, Any], path: str) -> Any:
    """The value at a path, None where there is none."""
    inner: Any = values
    for key in path.split("."):
        inner = inner.get(key) if isinstance(inner, Mapping) else None
    return inner


DEFAULTS = dict(leaves(defaults()))
EXERCISED = [values_of(case) for case in CASES]


def test_each_value_is_set_to_something_else_than_its_default() -> None:
    unset = {
        path
        for path, default in DEFAULTS.items()
        if all(at(values, path) in (None, default) for values in EXERCISED)
    }
    assert not unset, "set these in tests/chart/*-values.yaml"


def changes_the_objects(path: str) -> bool:
    """Whether some rendered case becomes another one when a value goes back to its default."""
    return any(
        _differs(values, path)
        for values in EXERCISED
        if at(values, path) not in (None, DEFAULTS[path])
    )


def _differs(values: Mapping[str, Any], path: str) -> bool:
    parent, _, name = path.rpartition(".")
    if name in WITHOUT:
        values = overridden(values, f"{parent}.{WITHOUT[name]}", "")
    mutated = at(values, path)
    attempts = [DEFAULTS[path], *([mutated + "x"] if isinstance(mutated, str) else [])]
    if isinstance(mutated, list):
        attempts.append([*mutated, *mutated])
    before = render_text(values)
    for value in attempts:
        try:
            return render_text(overridden(values, path, value)) != before
        except RefusedError:
            # An empty name of a Secret, say, is refused: then a changed one has to be seen.
            continue
    return False


def test_each_value_changes_the_objects() -> None:
    # Helm is another process: threads wait for it.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        seen = dict(zip(DEFAULTS, pool.map(changes_the_objects, DEFAULTS), strict=True))
    assert {path for path, changed in seen.items() if not changed} == EXCLUSIVE


def schema_at(path: str) -> dict[str, Any]:
    schema = SCHEMA
    for key in path.split("."):
        schema = _resolved(schema)
        schema = schema.get("properties", {}).get(key) or schema.get("additionalProperties") or {}
    return _resolved(schema)


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").removeprefix("#/definitions/")
    definition: dict[str, Any] = SCHEMA["definitions"][name] if name else schema
    return definition


SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())


@pytest.mark.parametrize("path", DEFAULTS)
def test_the_schema_knows_each_value(path: str) -> None:
    assert schema_at(path).keys() & {"type", "anyOf", "enum"}, "describe it in values.schema.json"


def objects_in(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, Mapping):
        if "properties" in schema and schema.get("type") == "object":
            yield path, dict(schema)
        for key, inner in schema.items():
            yield from objects_in(inner, f"{path}/{key}")


def test_the_schema_lets_no_unknown_key_pass() -> None:
    groups = dict(objects_in(SCHEMA))
    assert len(groups) > 40
    assert not [
        path for path, group in groups.items() if group["additionalProperties"] is not False
    ]


def test_the_schema_knows_nothing_that_the_values_do_not_have() -> None:
    def keys(schema: dict[str, Any], values: Mapping[str, Any], path: str) -> Iterator[str]:
        for key, inner in schema.get("properties", {}).items():
            if key not in values:
                yield f"{path}.{key}"
            # What the values show no key of, such as affinity, is Kubernetes' own.
            elif isinstance(values[key], Mapping) and values[key] and "$ref" not in inner:
                yield from keys(inner, values[key], f"{path}.{key}")

    assert not list(keys(SCHEMA, defaults(), ""))


GROUPS = {path.rpartition(".")[0] for path in DEFAULTS}
# Keys there are StarRocks', or names of resources.
FREE = {group for group in GROUPS if group.endswith((".config", ".requests", ".limits"))}


@pytest.mark.parametrize("group", sorted(GROUPS - FREE))
def test_a_typo_in_any_group_is_refused_by_name(group: str) -> None:
    with pytest.raises(RefusedError, match="additional properties 'nobodyKnows' not allowed"):
        render_text(overridden(minimal(), f"{group}.nobodyKnows", 1))


def test_the_chart_passes_helm_lint() -> None:
    assert "0 chart(s) failed" in helm("lint", "--strict", "--kube-version=1.34.0", str(CHART))
