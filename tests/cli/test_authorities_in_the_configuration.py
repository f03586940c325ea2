"""Authorities that cannot do what they are configured for: complaints, and what is close to them but sound."""

import re
from pathlib import Path

import pytest
from support.archives import demo, set_lines

from archiver.config import Config, parse
from archiver.errors import ConfigError

URL = "https://tsa.example.it/tsa"
SAME = "two records of one authority are not redundancy"
FEW = "'tsa-1': tokens_per_night = 1 is too few with signer level B-T"
SPARE, OFF, ONE, TWO = "redundant = true", "retired = true", "tokens_per_night = 1", "tokens_per_night = 2"

Authorities = tuple[tuple[str, str], ...]
REFUSED: dict[str, tuple[Authorities, str]] = {
    "redundant to itself": (((URL, ""), (URL, SPARE)), SAME),
    "redundant first": (((URL, SPARE), (URL, "")), SAME),
    "both redundant": (((URL, SPARE), (URL, SPARE)), SAME),
    "by another spelling": (((URL, ""), ("http://TSA.example.it/tsa/", SPARE)), SAME),
    "one token": (((URL, ONE),), FEW),
    "one token each": (((URL, ONE), (URL + "/2", ONE), (URL + "/3", f"{SPARE}\n{ONE}")), FEW),
    "one token, the other is retired": (((URL, ONE), (URL + "/2", OFF)), FEW),
}
SOUND: dict[str, Authorities] = {
    "two authorities": ((URL, ""), (URL + "/2", SPARE)),
    "paths tell large letters from small": ((URL, ""), ("https://tsa.example.it/TSA", SPARE)),
    "stands in for itself": ((URL, ""), (URL, "")),
    "retired": ((URL, OFF), (URL, SPARE)),
    "two tokens": ((URL, TWO),),
    "another one gives more": ((URL, ONE), (URL + "/2", "")),
}


def read(folder: Path, authorities: Authorities, *, level: str = "B-T") -> Config:
    config = demo(folder)
    set_lines(config, "signer", {"level": f'"{level}"'})
    tables = "".join(
        f'[[tsa]]\nid = "tsa-{number}"\nkind = "http"\nurl = "{url}"\nanchors = ["ca.pem"]\n{lines}\n\n'
        for number, (url, lines) in enumerate(authorities, 1)
    )
    local = r'^\[\[tsa\]\]\n(?:.*\n)*?kind = "local"\n'
    text = re.sub(local, lambda _: tables, config.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return parse(text, folder)


@pytest.mark.parametrize("case", REFUSED)
def test_authorities_that_cannot_do_what_is_wanted_of_them_are_refused(tmp_path: Path, case: str) -> None:
    authorities, said = REFUSED[case]
    with pytest.raises(ConfigError, match=re.escape(said)) as told:
        read(tmp_path, authorities)
    assert len(str(told.value).splitlines()) == 2, "one complaint"


@pytest.mark.parametrize("case", SOUND)
def test_authorities_that_come_close_to_that_are_not(tmp_path: Path, case: str) -> None:
    assert len(read(tmp_path, SOUND[case]).tsas) == len(SOUND[case])


def test_one_token_a_night_is_enough_for_seals_without_a_stamp(tmp_path: Path) -> None:
    assert read(tmp_path, ((URL, ONE),), level="B-B").tsas[0].cap == 1
