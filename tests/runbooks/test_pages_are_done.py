"""What does pages notices what is not as the page says: else every runbook would pass."""

from pathlib import Path

import pytest
from support.pages import Page

WRONG = {
    "a command that fails": "```sh\nfalse\n```\n",
    "a command that should have failed": "```sh\ntrue # exit 1\n```\n",
    "words that nobody said": "```sh\necho uno\n```\n```text\ndue\n```\n",
    "a table that is not there": '```sh\n${EDITOR:-vi} a.toml\n```\n```toml\n# change\n[[tsa]]\nid = "x"\n```\n',
    "a command of ours that is none": "```sh\narchiver nothing-of-the-kind\n```\n",
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_as_the_page_says_fails(tmp_path: Path, case: str) -> None:
    (tmp_path / "page.md").write_text(WRONG[case], encoding="utf-8")
    with pytest.raises(AssertionError):
        Page(tmp_path / "page.md").run(tmp_path)


def test_a_page_goes_where_it_says_leaves_what_it_must_and_asks_once_for_what_a_reader_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    asked: list[str] = []
    lines = "cd ~/there  # a remark's end\nexport WHO=io\nfalse  # hours\n$EDITOR a.toml\necho $WHO 3f9c2a\necho 3f9c2a"
    (tmp_path / "page.md").write_text(f"```sh\n{lines}\n```\n```text\nio x\nx\n```\n", encoding="utf-8")
    values = {"3f9c2a": lambda: asked.append("") or "x"}
    environ, left = {"HOME": str(tmp_path)}, {"false": "takes hours"}
    done = Page(tmp_path / "page.md", values, environ, left, lambda path: path.write_text("", "utf-8")).run(tmp_path)
    assert (tmp_path / "there/a.toml").exists()
    assert asked == [""]
    assert "false" not in " ".join(done.typed)


def test_an_edit_changes_what_is_there_adds_what_is_not_and_takes_out_no_more_than_is_said(tmp_path: Path) -> None:
    toml, page = tmp_path / "a.toml", tmp_path / "page.md"
    toml.write_text('[[store]]\nid = "a"\nx = 1\n\n[[store]]\nid = "b"\nx = 1\n\n[[store]]\nid = "c"\n', "utf-8")
    edits = '# change it\n[[store]]\nid = "b"\nx = 2\ny = 3\n# take out\n[[store]]\nid = "a"\n# add\n[z]\nw = 1\n'
    page.write_text(f"```sh\n${{EDITOR:-vi}} a.toml\ncat a.toml\n```\n```toml\n{edits}```\n", "utf-8")
    done = Page(page).run(tmp_path)
    assert toml.read_text("utf-8") == '[[store]]\ny = 3\nid = "b"\nx = 2\n\n[[store]]\nid = "c"\n\n[z]\nw = 1\n'
    assert done.typed == ["${EDITOR:-vi} a.toml", "cat a.toml"]
