"""The key pair with which the gateway signs who acts. Services hold only the public half."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from deploy import checkout


def ensure(private: Path = checkout.TOKEN_PRIVATE_KEY, public: Path = checkout.TOKEN_PUBLIC_KEY) -> None:
    """Make the pair when one of the two is missing."""
    if not (private.exists() and public.exists()):
        make(private, public, Ed25519PrivateKey.generate())


def make(private: Path, public: Path, key: Ed25519PrivateKey) -> None:
    """Write both halves as PEM, readable by their owner alone."""
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    shown = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    checkout.write_private(private, secret.decode())
    checkout.write_private(public, shown.decode())
