"""Secrets are covered wherever they turn up: in messages, log lines, tracebacks and JSON.

Whoever reads or receives a secret remembers it here, once for the whole process; from then on
`mask` finds it in any text, also written as part of an address, of JSON or of a Python literal.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "•••"
SHORTEST = 4
"""Characters. Less is no secret worth the name, and would be found in every other word."""

_lock = threading.Lock()
_known: set[str] = set()
_pattern: re.Pattern[str] | None = None


def remember(*secrets: str) -> None:
    """From now on these are never shown, in any of the forms they are sent in."""
    global _pattern  # noqa: PLW0603 - one process has one set of secrets
    new = {form for secret in secrets for form in _forms(secret.strip())} - _known
    if not new:
        return
    with _lock:
        _known.update(new)
        longest_first = sorted(_known, key=len, reverse=True)
        _pattern = re.compile("|".join(map(re.escape, longest_first)))


def mask(text: str) -> str:
    """The text without any secret that this process knows."""
    pattern = _pattern
    return pattern.sub(MASK, text) if pattern else text


def _forms(secret: str) -> set[str]:
    if len(secret) < SHORTEST:
        return set()
    packed = secret.replace(" ", "")  # an application password is the same without its blanks
    written = {
        form
        for one in (secret, packed)
        for form in (one, quote(one, safe=""), quote_plus(one), json.dumps(one)[1:-1])
    }
    return {form for form in (*written, repr(secret)[1:-1]) if len(form) >= SHORTEST}


class MaskedStream:
    """A stream of text that shows no secret; in all else it is the stream it stands for."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return int(self._stream.write(mask(text)) or 0)

    def writelines(self, lines: Iterable[str]) -> None:
        self._stream.writelines(map(mask, lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._stream)


def guard_process() -> None:
    """Mask every log record and every traceback that nobody has caught."""
    if logging.getLogRecordFactory() is not _masked_record:
        logging.setLogRecordFactory(_masked_record)
    sys.excepthook = _last_words
    threading.excepthook = _last_words_of_a_thread


def _masked_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = logging.LogRecord(*args, **kwargs)
    try:
        said = record.getMessage()
    except (TypeError, ValueError):  # wrong arguments: logging itself will complain of them
        said = f"{record.msg} {record.args}"
    if mask(said) != said:
        record.msg, record.args = mask(said), ()
    if record.exc_info and record.exc_info[0] is not None:
        record.exc_text = mask("".join(traceback.format_exception(*record.exc_info)).rstrip())
    if record.stack_info:
        record.stack_info = mask(record.stack_info)
    return record


def _last_words(
    kind: type[BaseException], error: BaseException, where: TracebackType | None
) -> None:
    sys.stderr.write(mask("".join(traceback.format_exception(kind, error, where))))


def _last_words_of_a_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_type is SystemExit or args.exc_value is None or sys.stderr is None:
        return
    _last_words(args.exc_type, args.exc_value, args.exc_traceback)
