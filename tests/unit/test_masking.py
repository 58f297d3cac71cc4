"""No secret comes out, in whatever form, by whatever way."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.cli.crash import report
from broadcaster.errors import Refused
from broadcaster.secrecy.masking import MASK, MaskedStream, guard_process, mask, remember

SECRETS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=60)
AROUND = st.text(max_size=30)


@given(SECRETS, AROUND, AROUND)
def test_a_known_secret_is_in_no_text_whatever_stands_around_it(
    secret: str, before: str, after: str
) -> None:
    remember(secret)
    forms = [secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], urlencode({"": secret})[1:]]
    for form in forms:
        said = mask(before + form + after)
        assert form not in said
        assert MASK in said


def test_an_application_password_is_known_without_its_blanks_too() -> None:
    remember("abcd EFGH 1234 wxyz")
    assert mask("Basic abcdEFGH1234wxyz, abcd+EFGH+1234+wxyz") == f"Basic {MASK}, {MASK}"


def test_one_secret_inside_another_leaves_no_rest() -> None:
    remember("khoa-ngan", "khoa-ngan-va-dai-hon")
    assert mask("x khoa-ngan-va-dai-hon y") == f"x {MASK} y"


def test_what_is_too_short_or_empty_masks_nothing() -> None:
    remember("", " ", "abc")
    assert mask("abc def") == "abc def"


def test_no_error_says_a_secret() -> None:
    remember("tu-khoa-trong-loi")
    error = Refused("Sai mã tu-khoa-trong-loi.", "Wrong token tu-khoa-trong-loi.")
    assert "tu-khoa" not in f"{error} {error!r} {error.text}"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    before, out = logging.getLogRecordFactory(), io.StringIO()
    hooks = sys.excepthook
    guard_process()
    logger, handler = logging.getLogger("test.masking"), logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, out
    logger.removeHandler(handler)
    logging.setLogRecordFactory(before)
    sys.excepthook = hooks


def test_no_log_line_and_no_traceback_in_it_says_a_secret(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, out = log
    remember("nhat-ky-khong-duoc-ghi")
    logger.error("token nhat-ky-khong-duoc-ghi")
    logger.error("token %s of %s", "nhat-ky-khong-duoc-ghi", {"a": "nhat-ky-khong-duoc-ghi"})
    logger.error("plain %d", 7)
    try:
        raise ValueError("nhat-ky-khong-duoc-ghi")
    except ValueError:
        logger.exception("broke", stack_info=True)
    said = out.getvalue()
    assert "nhat-ky" not in said.replace("test_masking", "")
    assert "plain 7" in said
    assert "ValueError" in said


DYING = """
import sys, threading
from broadcaster.secrecy.masking import guard_process, remember
guard_process()
secret = "".join(["loi-", "cuoi-", "cung-", "9999"])
remember(secret)
one = threading.Thread(target=lambda: int(secret))
one.start(); one.join()
raise SystemError(secret)
"""


def test_the_last_words_of_a_process_and_of_a_thread_are_masked() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", DYING], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("Traceback") == 2
    assert "loi-cuoi-cung" not in done.stderr
    assert done.stderr.count(MASK) >= 2


def test_the_details_of_a_crash_hold_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    remember("su-co-khong-ghi-mat-khau")
    with pytest.raises(KeyError) as caught:
        raise KeyError("su-co-khong-ghi-mat-khau")
    assert report(caught.value) == 1
    path = Path(capsys.readouterr().err.split("quản trị: ")[1].strip())
    details = path.read_text("utf-8")
    path.unlink()
    assert "KeyError" in details
    assert "su-co-khong-ghi" not in details


def test_a_masked_stream_is_a_stream_like_any_other() -> None:
    remember("dong-chu-bi-che")
    out = io.StringIO()
    stream = MaskedStream(out)
    print("a", "dong-chu-bi-che", file=stream)
    stream.writelines(["dong-chu-bi-che\n"])
    assert out.getvalue() == f"a {MASK}\n{MASK}\n"
    assert stream.isatty() is False
