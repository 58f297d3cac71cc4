"""The server's certificate is looked at: a stranger in between gets neither token nor code."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from loopback_server import TOKEN, LoopbackServer

from broadcaster.errors import InputError
from broadcaster.station.link import Link, Unreachable
from broadcaster.station.settings import StationSettings, check_settings


def certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate for this machine, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return path


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return certificate(tmp_path, "mine")


@pytest.fixture
def url(mine: Path) -> Iterator[str]:
    server = LoopbackServer().start()
    assert server._http is not None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(mine)
    server._http.socket = context.wrap_socket(server._http.socket, server_side=True)
    yield server.url.replace("http:", "https:")
    server.stop()


def test_the_pinned_certificate_is_taken_and_no_other(
    url: str, mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = certificate(tmp_path, "stranger")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(mine))  # it must not undo the pin
    for ca_file, taken in ((mine, True), (stranger, False)):
        link = Link(url, TOKEN, str(ca_file))
        if taken:
            assert link.rundown("").signed is not None
        else:
            with pytest.raises(Unreachable, match="SSLError"):
                link.rundown("")
        link.close()


def test_an_unknown_certificate_is_refused(url: str) -> None:
    link = Link(url, TOKEN)
    with pytest.raises(Unreachable, match="SSLError"):
        link.rundown("")
    link.close()


def test_no_plain_http_beyond_this_machine(tmp_path: Path) -> None:
    away = StationSettings(server="http://xa.example.vn", station="thon-1")
    with pytest.raises(InputError, match="https"):
        check_settings(tmp_path, away)
    lost = StationSettings(server="https://xa.example.vn", station="thon-1", ca_file="khong-co.pem")
    with pytest.raises(InputError, match="ca_file"):
        check_settings(tmp_path, lost)
