"""Certificates that tests make for their own servers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def write_certificate(
    folder: Path,
    *names: str,
    days: int = 90,
    has_own_key: bool = True,
    begins: datetime | None = None,
    issuer: str = "kaohe test",
) -> tuple[Path, Path]:
    """Files of a certificate for these names and of its key; without ``has_own_key``, of another key.

    It names itself as its ``issuer`` unless told another, so that it can be trusted by itself.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "kaohe test")])
    alternatives = [x509.IPAddress(ip_address(each)) if each[0].isdigit() else x509.DNSName(each) for each in names]
    start = begins or datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder(
            x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]),
            name,
            key.public_key(),
            x509.random_serial_number(),
        )
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "kaohe.pem", folder / "kaohe.key"
    written = key if has_own_key else ec.generate_private_key(ec.SECP256R1())
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        written.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return chain, private
