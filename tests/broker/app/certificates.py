"""Certificates for a test: an authority of its own, and leaves that it signs for 127.0.0.1."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def _name(common):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    def __init__(self, common="Test CA"):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign(common, self.key, x509.BasicConstraints(ca=True, path_length=None), issuer=_name(common))

    def _sign(self, common, key, constraints, issuer):
        now = datetime.datetime.now(datetime.timezone.utc)
        return (x509.CertificateBuilder().subject_name(_name(common)).issuer_name(issuer).public_key(key.public_key())
                .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
                .not_valid_after(now + datetime.timedelta(days=1)).add_extension(constraints, critical=True)
                .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
                .sign(self.key, hashes.SHA256()))

    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def leaf(self, common):
        """(certificate, key) as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(common, key, x509.BasicConstraints(ca=False, path_length=None), self.certificate.subject)
        return (certificate.public_bytes(serialization.Encoding.PEM),
                key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
