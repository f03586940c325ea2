"""Whoever seals: a key in a file, a key in a token (PKCS#11), a program that asks a service; CAdES-B-T all the same."""

from archiver.adapters.signer.certificate import check_certificate, check_mechanism
from archiver.adapters.signer.command import Command, CommandSigner
from archiver.adapters.signer.file import FileSigner
from archiver.adapters.signer.pdf import sign_pdf, signs_pdf
from archiver.adapters.signer.pkcs11 import Pkcs11Signer
from archiver.adapters.signer.token import Token

__all__ = [
    "Command",
    "CommandSigner",
    "FileSigner",
    "Pkcs11Signer",
    "Token",
    "check_certificate",
    "check_mechanism",
    "sign_pdf",
    "signs_pdf",
]
