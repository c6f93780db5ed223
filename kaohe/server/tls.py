"""What a server proves its name with: read at the start, and again when the files have changed."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from gevent.ssl import PROTOCOL_TLS_SERVER, SSLContext, SSLError, TLSVersion

from kaohe.config import Certificate
from kaohe.domain.errors import KaoheError


class CertificateUnusable(KaoheError):
    """A certificate or its key cannot be read, or they do not belong together."""

    http_code = 500
    text = "证书或私钥文件打不开，或者两者不是一对，请检查 KAOHE_TLS_CERT 和 KAOHE_TLS_KEY。"


class ServedCertificate:
    """A certificate in use. New files take effect for new connections, without a restart."""

    def __init__(self, certificate: Certificate) -> None:
        """Read the files.

        Raises:
            CertificateUnusable: they cannot be used.
        """
        self._files = certificate
        self.context = SSLContext(PROTOCOL_TLS_SERVER)
        self.context.minimum_version = TLSVersion.TLSv1_2
        self._seen = self._times()
        _load(self.context, certificate)

    def look_again(self) -> bool:
        """Take the files up if they have changed and can be used; whether that was done.

        A renewal writes one file after the other. What does not fit together is passed over until it changes again: the
        server goes on with what it has.
        """
        seen = self._times()
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            _load(SSLContext(PROTOCOL_TLS_SERVER), self._files)
        except CertificateUnusable:
            return False
        _load(self.context, self._files)
        return True

    def _times(self) -> list[int]:
        return [_time_of(path) for path in (self._files.chain, self._files.key)]


def _load(context: SSLContext, files: Certificate) -> None:
    try:
        # With a function for the password an encrypted key is refused instead of asked for on the terminal.
        context.load_cert_chain(files.chain, files.key, password=lambda: "")
    except (OSError, SSLError, ValueError) as error:
        raise CertificateUnusable from error


def _time_of(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_mtime_ns
    return 0
