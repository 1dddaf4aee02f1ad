"""Ports and other settings from fe.conf and be.conf, which are Java properties."""

import re

from operator_double.manifest import SyncError

ENTRY = re.compile(r"((?:[^\s=:\\]|\\.)+)[ \t\f]*[=:]?[ \t\f]*(.*)", re.DOTALL)
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
CONTROL = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def parse(text: str) -> dict[str, str]:
    """Read Java properties; keys are compared in lower case.

    Raises:
        SyncError: An escape or a `${` without its end: the operator refuses the whole file.
    """
    entries: dict[str, str] = {}
    for line in _logical_lines(text):
        match = ENTRY.fullmatch(line)
        if match is None:
            continue
        key, value = (_unescape(part) for part in match.groups())
        if "${" in value and "}" not in value.partition("${")[2]:
            raise SyncError(f"malformed expression in the value of {key!r}")
        entries[key.lower()] = value
    return entries


def _logical_lines(text: str) -> list[str]:
    lines: list[str] = []
    open_line = ""
    for line in text.splitlines():
        stripped = line.lstrip(" \t\f")
        if not open_line and (not stripped or stripped[0] in "#!"):
            continue
        backslashes = len(stripped) - len(stripped.rstrip("\\"))
        open_line += stripped
        if backslashes % 2:
            open_line = open_line[:-1]
            continue
        lines.append(open_line)
        open_line = ""
    return [*lines, open_line] if open_line else lines


def _unescape(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        code = match[1]
        if code == "u":
            raise SyncError(f"malformed \\u escape in {text!r}")
        if len(code) > 1:
            return chr(int(code[1:], 16))
        return CONTROL.get(code, code)

    return ESCAPE.sub(replace, text)


def port(conf: dict[str, str], keys: tuple[str, ...], default: int) -> int:
    """The first key that holds a number, else the default."""
    for key in keys:
        value = conf.get(key, "").strip()
        if value.isdigit():
            return int(value)
    return default
