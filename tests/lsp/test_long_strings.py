"""A message is the same whether its long strings were taken out or not."""

import json
import random
from io import BytesIO

import pytest

from codeassist.lsp import long_strings
from codeassist.lsp.long_strings import LongStrings

PARTS = ["\U0001f600", "é", "\\", '"', "\n", "a", "\ud83d", "\ude00", "\u20ac", "\0"]


def read(body):
    """A message as the server reads it, and what it had to read."""
    strings = LongStrings(BytesIO(body))
    short = strings.read(len(body))
    return json.loads(short, object_hook=strings.restored), short


@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_long_file(ascii_only):
    """A file of megabytes comes as it is, wherever in the message it stands."""
    text = 'const a = "\\n\U0001f600é";\r\n\t' * 50_000
    message = {"uri": "a.js", "all": {"text": text, "list": [text, [text[1:]], 1]}}
    found, short = read(json.dumps(message, ensure_ascii=ascii_only).encode())

    assert found == message
    assert len(short) < 1000


@pytest.mark.parametrize("piece", [12, 13, 14, 17, 31])
def test_any_text_in_any_pieces(piece, monkeypatch):
    """No character is torn where a string is read in pieces, nor an escape."""
    monkeypatch.setattr(long_strings, "LONG", 1)
    monkeypatch.setattr(long_strings, "PIECE", piece)
    choose = random.Random(piece)
    for _ in range(200):
        text = "".join(choose.choices(PARTS, k=choose.randrange(60)))
        message = {"one": {"text": text, text: [text, None, [text]]}, "two": "uri"}
        body = json.dumps(message).encode()
        assert read(body)[0] == json.loads(body)


@pytest.mark.parametrize("end", ["", "\\", "\\u12", "\n", '\\x"}', '"'])
def test_no_json(end):
    """What is no JSON is left to who reads it, and hurts nothing that comes later."""
    body = f'{{"a": "{"x" * 300_000}{end}'.encode()
    strings = LongStrings(BytesIO(body + b'{"b": "c"}'))

    with pytest.raises(json.JSONDecodeError):
        json.loads(strings.read(len(body)), object_hook=strings.restored)
    rest = json.loads(strings.read(10), object_hook=strings.restored)
    assert rest == {"b": "c"}


@pytest.mark.parametrize(
    "line",
    [b"content-length: 12\r\n", b"CONTENT-LENGTH:12\n", b"Content-Length: 12\r\n"],
)
def test_headers_of_any_case(line):
    """The length of a message is found however its header is written."""
    assert LongStrings(BytesIO(line)).readline() == b"Content-Length: 12\r\n"


def test_other_headers():
    """What is no length stays as it is."""
    lines = b"Content-Type: text; content-length: 12\r\n\r\n"
    words = LongStrings(BytesIO(lines))

    assert b"".join(words.readline() for _ in range(3)) == lines
