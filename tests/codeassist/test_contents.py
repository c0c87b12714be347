import random
from itertools import pairwise

import pytest

from codeassist.ignore.contents import Kind, find, redact

KEY = "ghp_" + "q7Rz2mK9vXc4Lp8TnB3yWd6HsJ1fGu5EaQkV"
BLOCK = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    + "MIIEpAIBAAKCAQEAuT3pY0hG7bqkzWmWc8mXq2uJ9dZ1nE4tR6yU8iO0pLkJhGfD\n" * 3
    + "-----END RSA PRIVATE KEY-----"
)


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        (KEY, Kind.KEY),
        ("AKIA" + "Q3EGR7LMZ4TVXW2N", Kind.KEY),
        ("sk-ant-" + "a8Kd0Wn3Jx7Qm2Zr5Tb9Vc4Ly6Hs1Pf", Kind.KEY),
        ("anna.schmidt@uni-bonn.de", Kind.EMAIL),
        ("93.184.215.14", Kind.IP_ADDRESS),
        ("2a00:1450:4001:0824:0000:0000:0000:200e", Kind.IP_ADDRESS),
        ("+49 228 7345 6120", Kind.PHONE),
        (BLOCK, Kind.PRIVATE_KEY),
    ],
)
def test_secrets_and_persons_are_replaced_by_their_kind(
    secret: str, kind: Kind
) -> None:
    """What tells of a person, or opens something, becomes a placeholder of its kind."""
    redacted = redact(f'first = 1\nvalue = "{secret}"\nlast = 2\n')
    assert redacted.text == f'first = 1\nvalue = "{kind.value}"\nlast = 2\n'
    assert redacted.found == {kind: 1}


@pytest.mark.parametrize(
    "line",
    [
        'client_secret = "vK3x9QpLz7Rm2TnW"',
        'PASSWORD: str = "h7Gq-2mVx!9LsTz"',
        '"api_key": "9f8a7b6c5d4e3f2a1b0c",',
    ],
)
def test_a_quoted_value_drawn_by_chance_is_a_password(line: str) -> None:
    """A random value behind the name of a secret goes; the name stays."""
    redacted = redact(line)
    assert redacted.found == {Kind.PASSWORD: 1}
    assert redacted.text.startswith(line[:8])
    assert "<PASSWORD>" in redacted.text


DJANGO = "abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)"


@pytest.mark.parametrize("seed", range(100))
def test_any_key_that_django_draws_is_found(seed: int) -> None:
    """Signs that also mark templates and calls hide no key that was drawn by chance."""
    key = "".join(random.Random(seed).choices(DJANGO, k=50))
    line = "SECRET_KEY = 'django-insecure-{}'\n"
    redacted = redact(line.format(key)).text
    assert redacted == "SECRET_KEY = '<PASSWORD>'\n"


DRAWN = "x8Fq2LzP9wKt4Rv"


@pytest.mark.parametrize(
    "line",
    [
        'DB_PWD = "{}"',
        "db_pass = '{}'",
        "Passphrase: '{}'",
        "encryptionKey: '{}'",
        'signing_key = "{}"',
        "export AWS_SECRET_ACCESS_KEY={}\necho",
        "FROM scratch\nENV DB_PASSWORD={}",
        "  - API_TOKEN={} # ours\n",
        "make PASSWORD={} all",
        'connect("Server=db;User Id=sa;Password={};")',
        "'host=db password={}'",
        "'Authorization': 'Bearer {}7uN3b'",
    ],
)
def test_a_secret_is_found_under_each_of_its_names(line: str) -> None:
    """Names as people write them, with quotes and without, all lose their value."""
    found = find(line.format(DRAWN))
    assert len(found) == 1
    assert found[0].start == line.index("{")


@pytest.mark.parametrize(
    "line",
    [
        "https://hooks.slack.com/services/T00AB12CD/B00EF34GH/a8Fq2LzP9wKt4RvXy7Qm",
        *(f"gh{letter}_{KEY[4:]}" for letter in "pousr"),
        "password = 'Tr0ub4dor$3xyz'",
    ],
)
def test_nothing_of_a_key_is_left(line: str) -> None:
    """Keys of each kind that a service gives out go whole."""
    text = redact(f"a = {line}\n").text
    assert len(find(line)) == 1
    assert line[-8:-2] not in text


def test_a_login_in_an_address_loses_its_password() -> None:
    """Of a URL with a login the password goes, its host stays."""
    text = redact("https://bot:Zx8-kkT2-qq@git.mycorp.net/a").text
    assert text == "https://bot:<PASSWORD>@git.mycorp.net/a"


@pytest.mark.parametrize(
    "text",
    [
        "user@example.com",
        "git@github.com:pallets/click.git",
        "@app.route('/x')",
        "y = q@k.to(device)",
        "icon@2x.png",
        "127.0.0.1 10.0.0.8 192.168.1.1 8.8.8.8 192.0.2.7 0.0.0.0",
        "version = 1.12.3.4",
        "a[1::2] std::vector 12:30:45",
        'token = "your-token-goes-here-1"',
        'password = "correct horse battery"',
        'secret_name = "app.settings.database2.name"',
        "-----BEGIN PRIVATE KEY-----",
        "x = a + 12 - 345",
        'AWS_KEY = "AKIAIOSFODNN7EXAMPLE"',
        'password = "changeme123456"',
        'PASSWORD="$DB_PW_FROM_ENV2"\nPASSWORD=$DB_PW_FROM_ENV2\n',
        'token = "${API_T2K_2x9Q}" "%(api_t0k3n_a2b3)s" f"{t0k3n_a2b3}"',
        "TOKEN=$(openssl rand -hex32x1a2b3c)\n",
        'token = "get_t0k3n_v2(a1b2)"',
        'TOKEN = r"^(?:[a-zA-Z0-9_]+)$0x1b2"',
        "dict(Email=credentials[0], Passwd=credentials[1], b=2)",
        "t = dict(token_expiry=datetime.datetime(2018, 3, 2))",
        "const token=e.ab1cd2.fooBar3;",
        "f(\n    secret=out_a1b2c3d4e5_x9y8\n)",
        "export TOKEN_FILE=/var/run/a2b/kubernetes.io/x3\n",
        "TOKEN_KIND_A=0x7fffabcd1234,\nTOKEN_BASE=TOK_BASE_V2_X3\n",
        "Bearer authentication_with_oauth2_scheme",
    ],
)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    """Examples, private addresses, versions, decorators and words are no findings."""
    assert find(text) == []


def test_findings_stand_in_order_and_apart() -> None:
    """Many findings of one text are all replaced, also in a text of one long line."""
    text = f"{'x' * 5000} mail bob.k@posteo.de and {KEY} " * 3
    found = find(text)
    assert [each.kind for each in found] == [Kind.EMAIL, Kind.KEY] * 3
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert KEY not in redact(text).text


LONG_LINE = "x = 1; " * 1000 + "\n"


@pytest.mark.parametrize("place", range(960, 1060, 4))
@pytest.mark.parametrize("secret", [KEY, "anna.schmidt@uni-bonn.de"])
def test_no_secret_of_a_long_line_is_cut_in_two(secret: str, place: int) -> None:
    """However far a secret stands behind another one in one line, both are replaced."""
    text = f"{secret} ".ljust(place) + f"{secret} {LONG_LINE}"
    kind = find(secret)[0].kind.value
    assert redact(text).text == text.replace(secret, kind)


def test_a_long_token_goes_whole() -> None:
    """Of a signed token of thousands of characters nothing is left."""
    token = ".".join(("eyJ" + KEY[4:], "eyJ" + KEY[4:] * 80, KEY[4:] * 20))
    assert redact(f'a = "{token}" {LONG_LINE}').text == f'a = "<KEY>" {LONG_LINE}'


def test_letters_that_grow_in_lower_case_shift_nothing() -> None:
    """A letter whose small form is longer does not move what is cut out."""
    assert redact(f"İİİ {KEY}!").text == "İİİ <KEY>!"
    line = 'İ = 1; DB_PASSWORD = "{}"'
    assert redact(line.format("h7Gq-2mVx!9LsTz")).text == line.format("<PASSWORD>")
