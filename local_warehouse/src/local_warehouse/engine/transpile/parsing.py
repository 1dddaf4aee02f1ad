"""StarRocks text to syntax tree and back.

Every call of a function that this warehouse or sqlglot knows gets the prefix `MARK` before parsing,
so that sqlglot leaves it as an anonymous call. Otherwise it would turn the call into its own node,
whose meaning is the one common to all dialects: VERSION() and CURRENT_VERSION() become one, LENGTH
counts characters, DAYOFWEEK starts with another day.
"""

import logging
import re

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.parsers.starrocks import StarRocksParser

from local_warehouse.engine.errors import syntax_error
from local_warehouse.engine.transpile.function_table import KNOWN

MARK = "starrocks_"

_DIALECT = Dialect.get_or_raise("starrocks")

# Forms with a syntax of their own, which only the parser understands.
_OWN_SYNTAX = frozenset(
    {
        "ALL",
        "AND",
        "ANY",
        "ARRAY",
        "AS",
        "CAST",
        "CHAR",
        "CONVERT",
        "EXISTS",
        "EXTRACT",
        "GROUP_CONCAT",
        "IF",
        "IN",
        "INTERVAL",
        "LIKE",
        "OR",
        "POSITION",
        "SUBSTR",
        "SUBSTRING",
        "TABLE",
        "TRIM",
        "TRY_CAST",
        "UNNEST",
        "VALUES",
        "XOR",
    }
)
_MARKED = (KNOWN | frozenset(StarRocksParser.FUNCTIONS)) - _OWN_SYNTAX
_NEVER_BEFORE_A_CALL = frozenset({"INTO", "TABLE", "AS", "UPDATE", "OVERWRITE", "VIEW", "."})
_LITERALS = frozenset({TokenType.STRING, TokenType.IDENTIFIER, TokenType.NUMBER})
# Statements whose odd forms the parser refuses; `statements.commands` reads their text.
_OPAQUE = re.compile(r"\s*(SHOW|ALTER)\s+(.*)", re.IGNORECASE | re.DOTALL)
_MARK_PATTERN = re.compile(MARK, re.IGNORECASE)

# sqlglot logs a warning for each statement that it leaves opaque; the handlers report those.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def tokenize(sql: str) -> list[Token]:
    """The tokens of a text.

    Raises:
        WarehouseError: the text has no tokens, for example an open quote (1064).
    """
    try:
        return list(_DIALECT.tokenize(sql))
    except SqlglotError as error:
        raise syntax_error(_first_line(error)) from error


def parse(sql: str, *, pipes_as_concat: bool = False) -> list[exp.Expr]:
    """The statements of a text, without the empty ones.

    Args:
        sql: StarRocks SQL.
        pipes_as_concat: `||` joins texts; otherwise it is a logical OR.

    Raises:
        WarehouseError: the text is not SQL (1064).
    """
    tokens = _mark_calls(tokenize(sql), pipes_as_concat=pipes_as_concat)
    try:
        return [tree for tree in _DIALECT.parser().parse(tokens, sql) if tree is not None]
    except SqlglotError as error:
        opaque = _OPAQUE.match(sql)
        if opaque:
            return [exp.Command(this=opaque[1].upper(), expression=opaque[2])]
        raise syntax_error(_first_line(error)) from error


def parse_expression(sql: str) -> exp.Expr:
    """The tree of one scalar expression.

    Raises:
        WarehouseError: the text is not an expression (1064).
    """
    expression: exp.Expr = parse(f"select {sql}")[0].expressions[0]
    return expression


def to_starrocks(node: exp.Expr) -> str:
    """The StarRocks text of a parsed tree."""
    text = node.sql(dialect="starrocks", normalize_functions="lower", comments=False)
    return _MARK_PATTERN.sub("", text)


def call_name(node: exp.Anonymous) -> str:
    """The upper-case name of the function that a call names."""
    return _MARK_PATTERN.sub("", node.name).upper()


def _mark_calls(tokens: list[Token], *, pipes_as_concat: bool) -> list[Token]:
    marked = list(tokens)
    previous = ""
    for index, token in enumerate(tokens):
        text = token.text.upper()
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if following is not None and following.token_type is TokenType.L_PAREN:
            is_call = text in _MARKED and token.token_type not in _LITERALS
            if is_call and previous not in _NEVER_BEFORE_A_CALL:
                marked[index] = _replace(token, TokenType.VAR, MARK + token.text.lower())
        if token.token_type is TokenType.DPIPE and pipes_as_concat:
            # An operator StarRocks lacks, which the parser reads as a Distance.
            marked[index] = _replace(token, TokenType.LR_ARROW, token.text)
        if text == "MINUS" and following is not None and _starts_query(following):
            marked[index] = _replace(token, TokenType.EXCEPT, token.text)
        previous = text
    return marked


def _starts_query(token: Token) -> bool:
    return token.token_type in (TokenType.SELECT, TokenType.WITH)


def _replace(token: Token, token_type: TokenType, text: str) -> Token:
    return Token(token_type, text, token.line, token.col, token.start, token.end, token.comments)


def _first_line(error: SqlglotError) -> str:
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    return _MARK_PATTERN.sub("", " ".join(text.split()))
