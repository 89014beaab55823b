"""CSV that people bring: read without trust, each bad line told by its number; written so that nothing runs."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.errors import TooLargeError
from bluelamp.tabular import reading
from bluelamp.tabular.formulas import STARTS, neutralised, restored
from bluelamp.tabular.reading import TableError, read
from bluelamp.tabular.writing import write

COLUMNS = ("name", "team", "note")
SEEN = st.text(st.characters(exclude_categories=("C", "Zl", "Zp", "Zs"), include_characters=" "), max_size=30)


def sheet(text, required=("name",)):
    raw = text.encode() if isinstance(text, str) else text
    return read(raw, columns=COLUMNS, required=required)


def rows(text):
    return [dict(row.cells) for row in sheet(text).rows]


@pytest.mark.parametrize(
    "text",
    [
        "name,team\nAnn,north\n",
        "\ufeffname,team\r\nAnn,north",
        "Name;Team\r\nAnn;north\r\n",
        "name\tteam\rAnn\tnorth\r",
        "sep=;\nname;team\nAnn;north\n",
        '"name","team"\n\n"Ann","north"\n,\n',
        " NAME , team \n Ann , north \n",
        "team,name,,\nnorth,Ann,,\n",
    ],
)
def test_the_same_from_any_spreadsheet(text):
    assert rows(text) == [{"name": "Ann", "team": "north"}]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        ("name,team\nAnn,north".encode("utf-16"), "UTF-16"),
        ("name,team\nAnn,north".encode("utf-16-le"), "UTF-16"),
        ("name\nAnn\nZo\xeb\n".encode("cp1252"), "Line 3 is not in UTF-8"),
        (b"name|team\nAnn|north\n", "a vertical bar: use comma"),
        (b"sep=|\nname|team\n", "use comma, semicolon or tab"),
        (b"Ann,north\n", "must name the columns"),
        (b"name,colour,colour\n", "'colour', 'colour': take it out"),
        (b"team,note\n", "the column name is missing"),
        (b"name,team,name\n", "name is there twice"),
        (b'"name\nAnn\n', "must name the columns"),
    ],
)
def test_a_file_that_is_no_such_table(raw, why):
    with pytest.raises(TableError, match=why):
        sheet(raw)


def test_too_much_is_refused_before_it_is_parsed(monkeypatch):
    monkeypatch.setattr(reading, "_separator", lambda *_: pytest.fail("parsed"))
    with pytest.raises(TooLargeError, match="100,000 lines"):
        sheet(b"name\n" + b"\n" * (reading.MAX_LINES + 1))
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    with pytest.raises(TooLargeError, match="larger"):
        sheet(b"name,team,note\n")


def test_a_bad_line_is_named_and_costs_no_other():
    found = sheet(
        'name,team\nAnn,north\n"Bo,north\nCy\nDi,a,b\nEd,"no"rth\n\x07Flo,x\nGus,' + "x" * 1001 + "\nHal,south"
    )
    assert [row.line for row in found.rows] == [2, 9]
    told = {(f.line, f.column): f.problem for f in found.findings}
    assert told.keys() == {(3, ""), (4, ""), (5, ""), (6, ""), (7, "name"), (8, "team")}
    assert "quote" in told[3, ""]
    assert "1 cells and the header 2" in told[4, ""]
    assert "comma in quotes" in told[5, ""]
    assert "U+0007" in told[7, "name"]
    assert "longer than 1000" in told[8, "team"]


def test_a_hidden_turn_of_direction_is_told():
    (finding,) = sheet("name\nAnn\u202egnp\n").findings
    assert "U+202E" in finding.problem


@given(st.text())
def test_a_formula_is_defused_and_comes_back(text):
    written = neutralised(text)
    assert restored(written) == text
    assert written[:1] not in STARTS or not written


@given(st.lists(st.tuples(SEEN, SEEN), max_size=5))
def test_what_is_written_is_read_back(cells):
    wanted = [{"name": name.strip(" "), "team": team.strip(" ")} for name, team in cells]
    found = read(write(("name", "team"), wanted).encode(), columns=COLUMNS, required=("name", "team"))
    assert found.findings == ()
    assert [dict(row.cells) for row in found.rows] == [one for one in wanted if one["name"] or one["team"]]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_by_name(noise):
    try:
        found = sheet(b"name,team\n" + noise)
    except TableError:
        return
    assert all(line > 1 for line in [*(r.line for r in found.rows), *(f.line for f in found.findings)])


@given(st.text(max_size=40))
def test_a_spreadsheet_sees_no_formula(text):
    written = write(("name",), [{"name": text}])
    (_, *lines) = csv.reader(io.StringIO(written, newline=""))
    assert all(not cell.startswith(tuple(STARTS)) for line in lines for cell in line)
