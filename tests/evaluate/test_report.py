import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from codeassist.errors import InputError
from codeassist.evaluate.hole import Output, Row
from codeassist.evaluate.report import (
    Evaluation,
    load,
    page,
    place_of,
    save,
    table,
    worst,
    write,
)
from codeassist.evaluate.report.strata import figure, latency, pairs, strata
from codeassist.evaluate.rows import Ran
from tests.evaluate.fakes import hole_of

EVIL = "</pre><script>alert('1')</script>&amp;"

HOLES = [
    hole_of(
        str(n),
        middle=f"{EVIL} {n}",
        kind=("line", "block")[n % 2],
        path=f"{EVIL}.py",
        tags={"dup": ("yes", "no")[n % 2]},
    )
    for n in range(40)
]

REPLAY = {
    "script": "a.py",
    "assistant": "ours",
    "policy": "vscode",
    "seed": 0,
    "speed": 1.0,
    "characters": 100,
    "characters_saved": 25,
    "keystrokes": 60,
    "keystrokes_saved": 20,
    "accepts": 3,
    "partial_accepts": 1,
    "shown": 8,
    "shown_wrong": 2,
    "requests": 30,
    "answered": 20,
    "superseded": 10,
    "without_model": 5,
    "prompt_tokens": 1000,
    "evaluated_tokens": 50,
    "answer_ms": {"n": 20, "p50": 100.0, "p95": 200.0, "p99": 300.0},
    "text_ms": {"n": 0, "p50": None, "p95": None, "p99": None},
    "cpu_seconds_per_1000": 12.5,
}


def ran(name, right, **settings):
    """A system that fills every `right`-th hole with the reference."""
    rows = []
    for n, hole in enumerate(HOLES):
        hit = n % right == 0
        text = hole.middle if hit else "" if n % 5 == 0 else f"wrong {EVIL}"
        output = Output(text, "nothing-to-add", ms=10.0 * (n + 1), logprob=-0.01 * n)
        scores = {"exact_match": float(hit), "edit_similarity": float(hit)}
        rows.append(Row(hole.id, name, output, scores))
    return Ran(name, {"model": EVIL} | settings, tuple(rows), 10.0, 9.5)


@pytest.fixture
def evaluation():
    runs = (ran("ours", 2), ran(f"theirs {EVIL}", 4))
    places = tuple(map(place_of, HOLES))
    return Evaluation("a title", places, runs, (f"a note {EVIL}",), (REPLAY,))


def test_strata_are_those_that_divide(evaluation):
    """Overall, kinds and tags are told; the one language is not told twice."""
    names = [(each.group, each.name) for each in strata(evaluation)]
    assert names == [
        ("overall", "all holes"),
        ("kind", "block"),
        ("kind", "line"),
        ("dup", "no"),
        ("dup", "yes"),
    ]


def test_figures_are_means_of_their_stratum(evaluation):
    """Ours fills every second hole: all lines, no block."""
    overall, block, line, *_ = strata(evaluation)
    ours = evaluation.runs[0]
    means = [
        figure(evaluation, ours, "exact_match", each).mean
        for each in (overall, block, line)
    ]
    assert means == [0.5, 0.0, 1.0]
    assert figure(evaluation, ours, "pass@1", overall) is None


def test_pairs_are_counted_hole_by_hole(evaluation):
    """Theirs is right where ours is, on half of those holes."""
    ((_, _, compared),) = pairs(evaluation, "exact_match")
    assert (compared.wins, compared.losses, compared.ties) == (10, 0, 30)
    assert compared.difference.mean == 0.25


def test_latency_is_told_in_quantiles(evaluation):
    """Times from 10 to 400 ms."""
    found = latency(evaluation.runs[0])
    assert (found.p50, found.p99) == (pytest.approx(205), pytest.approx(396.1))


def test_the_table_tells_everything(evaluation):
    """Systems, strata, figures with intervals, the pair, and typing."""
    text = table(evaluation)
    for told in (
        "a title: 40 holes",
        "a note",
        "ours (per cent",
        "dup: yes",
        "100.0 [100.0, 100.0]",
        "+25.0 [",
        "the model busy 95% of them",
        "25 of 100 (25.0%)",
        "20 of 80 (25.0%)",
        "100 / 200 / 300",
        "- / - / -",
    ):
        assert told in text
    assert max(map(len, text.split("\n"))) < 160


def test_an_evaluation_is_the_same_after_a_while(evaluation, tmp_path):
    """What is kept as JSON comes back whole."""
    path = tmp_path / "a.json"
    save(evaluation, path)
    assert load(path) == evaluation
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"evaluation": 2}',
        '{"evaluation": 1, "title": "", "notes": [], "holes": [{}], "runs": []}',
        '{"evaluation": 1, "title": "", "notes": [], "holes": [], "runs": [{"rows": [1]}]}',
        "\ud800",
    ],
)
def test_what_is_no_evaluation_is_refused(tmp_path, content):
    """A broken or foreign file is one line."""
    path = tmp_path / "a.json"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(InputError) as refused:
        load(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_one_line(tmp_path):
    """So are a missing file and a place that cannot be written."""
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path / "absent.json")
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write(file / "below.html", "text")


# -- misses --------------------------------------------------------------------------


def test_the_worst_misses_are_sure_and_far_off(evaluation):
    """The surest wrong answers come first, silence last, right answers never."""
    found = worst(evaluation)
    assert len(found) == 20
    ids = [int(miss.place.id) for miss in found]
    assert all(n % 2 for n in ids)
    loud = [n for n in ids if n % 5]
    assert ids[: len(loud)] == sorted(loud)
    assert [miss.others[0].hole for miss in found] == [str(n) for n in ids]


def test_fewer_misses_are_all_told(evaluation):
    """A system that is nearly always right has a short list."""
    everything = replace(ran("ours", 1), rows=ran("ours", 1).rows[:39])
    last = replace(ran("ours", 2).rows[39])
    one_wrong = replace(everything, rows=(*everything.rows, last))
    assert len(worst(replace(evaluation, runs=(one_wrong,)))) == 1


def test_a_right_first_sample_is_no_miss(evaluation):
    """Of several samples another one was wrong: what is quoted is right."""
    everything = replace(ran("ours", 1), rows=ran("ours", 1).rows[:39])
    last = ran("ours", 2).rows[39]
    (place,) = (each for each in evaluation.places if each.id == last.hole)
    right = replace(last, output=replace(last.output, text=place.middle))
    runs = (replace(everything, rows=(*everything.rows, right)),)
    assert worst(replace(evaluation, runs=runs)) == []


# -- the page ------------------------------------------------------------------------


class Seen(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.links, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("href", "src", "xlink:href", "data", "srcset", "action"):
                self.links.append(value)

    def handle_data(self, data):
        self.text += data


def test_the_page_needs_nothing_else(evaluation):
    """No script, no link, no resource of another place."""
    html = page(evaluation)
    seen = Seen(html)
    assert not {"script", "link", "img", "iframe", "object"} & set(seen.tags)
    assert all(link.startswith("#") for link in seen.links)
    assert "@import" not in html
    assert all(url.startswith("url(#") for url in re.findall(r"url\([^)]*", html))


def test_code_is_shown_and_never_run(evaluation):
    """Text of files and answers is text, whatever it holds."""
    seen = Seen(page(evaluation))
    assert seen.text.count("alert('1')") > 40
    assert "The worst misses of ours" in seen.text
    assert seen.tags.count("article") == 20


def test_plots_are_in_the_page_and_take_its_colours(evaluation):
    """Quality of two metrics, latency and confidence; every colour is a variable."""
    html = page(evaluation)
    assert html.count("<svg") == 4
    for drawing in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        assert not re.findall(r"(?:fill|stroke): #\w+", drawing)
        assert "var(--series-0)" in drawing
        assert "var(--series-1)" in drawing
    assert "prefers-color-scheme: dark" in html


def test_ids_of_the_plots_do_not_meet(evaluation):
    """One page has each id once."""
    ids = re.findall(r'\bid="([^"]*)"', page(evaluation))
    assert ids
    assert len(ids) == len(set(ids))


def test_a_page_can_be_of_typing_alone(evaluation):
    """A replay without holes has a page, too."""
    seen = Seen(page(replace(evaluation, places=(), runs=())))
    assert "characters saved" in seen.text
    assert "svg" not in seen.tags


def test_systems_without_confidence_have_no_such_plot(evaluation):
    """Nothing is drawn of what nobody told."""
    (first, _) = evaluation.runs
    silent = tuple(
        replace(row, output=replace(row.output, logprob=None)) for row in first.rows
    )
    alone = replace(evaluation, runs=(replace(first, rows=silent),))
    assert page(alone).count("<svg") == 3


def test_json_has_all_rows(evaluation, tmp_path):
    """Every answer with its scores can be read by other programs."""
    save(evaluation, tmp_path / "a.json")
    told = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert [len(run["rows"]) for run in told["runs"]] == [40, 40]
    assert told["runs"][0]["rows"][0]["scores"]["exact_match"] == 1.0
