"""Public sets: rows by the published schemas, and files that are broken or foreign."""

import gzip
import json

import pytest

from codeassist.evaluate.sets import SetFileError, cut, load

MULTIPL_E = {
    "name": "HumanEval_900_twice",
    "language": "js",
    "prompt": "//Return twice n.\nfunction twice(n){\n",
    "doctests": "transform",
    "original": "/originals/HumanEval_900_twice.py",
    "prompt_terminology": "reworded",
    "tests": "const assert = require('node:assert');\nassert.equal(twice(2), 4);\n",
    "stop_tokens": ["\nfunction ", "\n/*", "\n//", "\nconsole.log"],
}

REPOEVAL = {
    "prompt": "import os\n\ndef name(path):\n    head, tail = os.path.split(path)",
    "metadata": {
        "task_id": "someone_project/0",
        "ground_truth": "    return tail",
        "fpath_tuple": ["someone_project", "src", "paths.py"],
        "context_start_lineno": 6,
        "line_no": 10,
    },
}

CROSSCODEEVAL = {
    "prompt": "import { area } from './shapes';\n\nconst a = ",
    "groundtruth": "area(2, 3);",
    "right_context": "\nconsole.log(a);\n",
    "metadata": {"task_id": "project_cc_typescript/7", "file": "src/main.ts"},
    "crossfile_context": {
        "text": "// Here are some relevant code fragments ...",
        "list": [
            {"retrieved_chunk": "export function area(", "filename": "src/shapes.ts"},
            {"retrieved_chunk": "export const pi = 3;", "filename": "src/math.ts"},
            {"retrieved_chunk": "  return a * b;", "filename": "src/shapes.ts"},
        ],
    },
}

FRESH = {
    "id": "0123456789ab",
    "repo": "someone/project",
    "commit": "0" * 40,
    "path": "src/main.py",
    "start": 4,
    "end": 9,
    "kind": "line",
    "prefix": "x = ",
    "suffix": "\n",
    "middle": "1 + 2",
    "xfile": [],
    "xnew": [],
    "dup": True,
}


@pytest.fixture
def write(tmp_path):
    """Write rows as JSON lines."""

    def writing(*rows, name="rows.jsonl"):
        file = tmp_path / name
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return file

    return writing


@pytest.mark.parametrize("whole", [False, True])
def test_multipl_e(tmp_path, whole):
    """MultiPL-E has no reference; tests follow, stop texts cut; JSON array or lines."""
    file = tmp_path / "humaneval-js.json"
    file.write_text(
        json.dumps([MULTIPL_E], indent=2) if whole else json.dumps(MULTIPL_E)
    )
    (hole,) = load(str(file))
    assert (hole.language, hole.path) == ("javascript", "solution.js")
    assert (hole.prefix, hole.suffix, hole.middle) == (MULTIPL_E["prompt"], "", "")
    assert hole.check.language == "javascript"
    assert hole.check.before == MULTIPL_E["prompt"]
    assert hole.check.after.strip() == MULTIPL_E["tests"].strip()
    answer = "  return 2 * n;\n}\n"
    assert cut(hole, answer + "\nfunction more() {") == answer


@pytest.mark.parametrize(
    ("ending", "language"),
    [("go_test.go", "go"), ("rs", "rust"), ("sh", "shellscript"), ("jl", "jl")],
)
def test_multipl_e_names_its_languages(write, ending, language):
    """The set's file endings become language identifiers; unknown ones stay."""
    (hole,) = load(str(write({**MULTIPL_E, "language": ending})))
    assert hole.language == language


def test_repoeval(write):
    """RepoEval's joined lines get their last line end back; its repository is cut off."""
    (hole,) = load(str(write(REPOEVAL)))
    assert hole.prefix == REPOEVAL["prompt"] + "\n"
    assert (hole.middle, hole.suffix) == ("    return tail", "")
    assert (hole.path, hole.origin, hole.kind) == ("src/paths.py", "repoeval", "line")


def test_repoeval_with_line_end(write):
    """A prompt that has its last line end is left as it is."""
    row = {**REPOEVAL, "prompt": REPOEVAL["prompt"] + "\n"}
    assert load(str(write(row)))[0].prefix == row["prompt"]


def test_crosscodeeval(write):
    """Retrieved pieces are files, those of one file together."""
    (hole,) = load(str(write(CROSSCODEEVAL)))
    assert hole.language == "typescript"
    assert hole.suffix == "\nconsole.log(a);\n"
    assert hole.files == (
        ("src/shapes.ts", "export function area(\n  return a * b;"),
        ("src/math.ts", "export const pi = 3;"),
    )


def test_crosscodeeval_without_retrieval(write):
    """The set's plain file has no pieces."""
    row = {k: v for k, v in CROSSCODEEVAL.items() if k != "crossfile_context"}
    assert load(str(write(row)))[0].files == ()


def test_mbpp_plus_as_evalplus_publishes_it(write):
    """The other schema of MBPP+: own docstring, `canonical_solution`, `assertion`."""
    row = {
        "task_id": "Mbpp/2",
        "prompt": '"""\nReturn twice n.\n"""\n',
        "entry_point": "twice",
        "canonical_solution": "\ndef twice(n):\n    return 2 * n\n",
        "assertion": "assert twice(2) == 4",
    }
    (hole,) = load(str(write(row)))
    assert (hole.id, hole.prefix) == ("Mbpp/2", row["prompt"])
    assert hole.middle == row["canonical_solution"]
    assert hole.check.after.strip() == row["assertion"]


def test_fresh_fim_finds_its_checkout(write, tmp_path):
    """A checkout beside the file is the root, but only where it has the set's text."""
    file = write(FRESH)
    assert load(str(file))[0].root == ""
    source = tmp_path / "project" / "src" / "main.py"
    source.parent.mkdir(parents=True)
    source.write_text("x = 1 + 2\n")
    assert load(str(file))[0].root == str(tmp_path / "project")
    source.write_text("x = 3\n")  # another commit
    assert load(str(file))[0].root == ""


# -- broken and foreign files --------------------------------------------------------


def refused(file) -> str:
    """The one line with which a file is refused."""
    with pytest.raises(SetFileError) as caught:
        load(str(file))
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_wrong_json_line_is_named(write):
    """The line that is no JSON is told, not the first one."""
    file = write(CROSSCODEEVAL)
    file.write_text(file.read_text() + '\n{"prompt": \n')
    assert refused(file).startswith(f"{file}: line 3: not JSON")


def test_a_missing_field_is_named(write):
    """A field that only a later row lacks is told with its line."""
    second = {k: v for k, v in REPOEVAL.items() if k != "prompt"}
    assert "line 2: field 'prompt' is missing" in refused(write(REPOEVAL, second))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"prompt": 7}, "field 'prompt' must be text"),
        ({"metadata": "x"}, "field 'metadata' must hold JSON objects"),
        ({"metadata": {"fpath_tuple": 1}}, "field 'fpath_tuple' must be a list"),
        ({"metadata": {"fpath_tuple": [1]}}, "'fpath_tuple' must be a list of texts"),
        (
            {"metadata": {"fpath_tuple": [], "line_no": "x"}},
            "field 'line_no' must be a whole number",
        ),
    ],
)
def test_a_field_of_another_kind_is_named(write, change, expected):
    """Values that are not what the schema says are told."""
    assert expected in refused(write({**REPOEVAL, **change}))


def test_an_unknown_kind_is_refused(write):
    """fresh-fim's kind must be one of its own."""
    assert "kind 'word' is none of" in refused(write({**FRESH, "kind": "word"}))


def test_a_second_row_of_one_id_is_refused(write):
    """Ids are unique, or journals would mix holes up."""
    assert "line 2: a second row with the id" in refused(write(FRESH, FRESH))


def test_a_foreign_file_is_refused(write):
    """Rows of no known set are told with their fields."""
    message = refused(write({"question": "?", "answer": "!"}))
    assert "line 1: rows of no known set (fields: answer, question)" in message


def test_rows_must_be_objects(write):
    """A JSON value that is no object is not a row."""
    assert "line 1: not a JSON object" in refused(write("text"))


def test_an_array_is_named_by_element_or_line(tmp_path):
    """A JSON array's broken line is told."""
    file = tmp_path / "broken.json"
    file.write_text('[\n{"name": "a"},\n{"name": }\n]')
    assert refused(file).startswith(f"{file}: line 3: not JSON")


def test_an_empty_file_is_refused(tmp_path):
    """No rows are no set."""
    file = tmp_path / "empty.jsonl"
    file.write_text("\n\n")
    assert "holds no rows" in refused(file)


def test_a_truncated_archive_is_refused(tmp_path):
    """A gzip file that ends too early is told."""
    file = tmp_path / "half.jsonl.gz"
    whole = gzip.compress(json.dumps(MULTIPL_E).encode() * 50)
    file.write_bytes(whole[: len(whole) // 2])
    assert "broken gzip" in refused(file)


def test_bytes_are_refused(tmp_path):
    """A file that is not text is told."""
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF\xff\xfe\x00")
    assert "not text" in refused(file)


def test_an_unreadable_file_is_refused(tmp_path):
    """What is neither a file nor a name is told with the names there are."""
    message = refused(tmp_path / "absent.jsonl")
    assert "neither a file nor a set" in message
    assert "humaneval-plus" in message
    assert "neither a file nor a set" in refused(tmp_path)


def test_an_absent_set_says_where_it_belongs(tmp_path, monkeypatch):
    """A named set that is not there tells the folder and the variable."""
    monkeypatch.setenv("CODEASSIST_SHARED", str(tmp_path))
    with pytest.raises(SetFileError, match="set CODEASSIST_SHARED"):
        load("humaneval")
