"""`bluelamp admin guide` and `bluelamp admin training`: what they write, tell and refuse."""

from __future__ import annotations

import pytest

from bluelamp.audit.leaf import Actor
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore


@pytest.fixture
def file(tmp_path):
    def make(name, body):
        made = tmp_path / name
        made.write_bytes(body)
        return str(made)

    return make


def test_a_pdf_is_published_recorded_and_told(deployment, file):
    path = file("guide.pdf", b"%PDF-1.7\n" + b"x" * 600_000)
    done = deployment.run("admin", "guide", "publish", path, "--version", "2026.1", "--from", "2026-12-01")
    assert (done.exit_code, "holds from 2026-12-01" in done.output) == (0, True), done.output
    (leaf,) = deployment.leaves()
    assert (leaf["actor"]["role"], leaf["guide"]["kind"], leaf["guide"]["length"]) == ("operator", "pdf", 600_009)
    assert [item["kind"] for (pk, _), item in deployment.table.items.items() if pk == "NOTICES"] == ["guide_published"]
    again = deployment.run("admin", "guide", "publish", path, "--version", "2026.1")
    assert (again.exit_code, "never changed" in again.output) == (1, True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--version", "first"), "like 2026.1"),
        (("--version", "2026.1", "--from", "soon"), "write it as 2026-12-01"),
    ],
)
def test_what_cannot_be_ends_with_one_line(deployment, file, words, why):
    done = deployment.run("admin", "guide", "publish", file("guide.md", b"Be kind."), *words)
    assert (done.exit_code, why in done.output) == (1, True)
    assert deployment.leaves() == []


def test_courses_and_training(deployment, file):
    people = People(PeopleStore(deployment.table))
    assert "training in law now" in deployment.run("admin", "guide", "courses", "law").output
    people.add_person(person_id="p", name="P", email="p@example.org", role="local", by=Actor.system("test"))
    path = file("training.csv", b"email,course,on,until\np@example.org,law,2026-01-01,2027-01-01\n")
    assert "1 would be created" in deployment.run("admin", "training", "import", path, "--dry-run").output
    assert deployment.run("admin", "training", "import", path).output == "1 created, 0 changed, 0 unchanged, 0 bad\n"
    assert list(people.get("p").trained_until) == ["law"]
    assert "No training is asked for" in deployment.run("admin", "guide", "courses").output
