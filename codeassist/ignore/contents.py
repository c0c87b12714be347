"""Secrets and personal data in a text: where they are, and the text without them."""

import ipaddress
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

__all__ = ["Finding", "Kind", "Redacted", "find", "has_private_key", "redact"]


class Kind(Enum):
    """What was found; the value stands in its place, as in StarCoder's data."""

    EMAIL = "<EMAIL>"
    IP_ADDRESS = "<IP_ADDRESS>"
    KEY = "<KEY>"
    PASSWORD = "<PASSWORD>"
    PHONE = "<PHONE>"
    PRIVATE_KEY = "<PRIVATE_KEY>"
    """A whole block; a file that has one is better left alone."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret, or what tells of a person."""

    kind: Kind
    start: int
    """In characters, as `end`."""

    end: int


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with placeholders."""

    text: str
    found: Counter[Kind]


@dataclass(frozen=True, slots=True)
class _Rule:
    """A pattern that is tried only where one of its marks stands: marks are cheap."""

    kind: Kind
    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    before: int = 0
    """Characters before a mark from which on the pattern is tried."""

    accept: Callable[[re.Match[str]], bool] = lambda _: True
    names: re.Pattern[str] | None = None
    """What the pattern is tried behind; this and the marks in small letters."""


KEY_MARKS = (
    *("AKIA", "ASIA", "AIza", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    *("glpat-", "xox", "k_live_", "sk-", "hf_", "pypi-AgEI", "npm_", "SG.", "eyJ"),
    *("AccountKey=", "GOCSPX-"),
)
KEY = re.compile(
    r"""(?<![A-Za-z0-9_/+-])(?:
      (?:AKIA|ASIA)[0-9A-Z]{16}
    | AIza[\w-]{35}
    | gh[pousr]_[A-Za-z0-9]{36,255} | github_pat_\w{60,100}
    | glpat-[\w-]{20,64} | xox[bpas]-[A-Za-z0-9-]{20,250}
    | [sr]k_live_[A-Za-z0-9]{20,250} | sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{32,200}
    | hf_[A-Za-z0-9]{34,40} | pypi-AgEI[\w-]{50,} | npm_[A-Za-z0-9]{36}
    | SG\.[\w-]{22}\.[\w-]{43} | GOCSPX-[\w-]{28}
    | eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}
    | (?<=AccountKey=)[A-Za-z0-9+/]{86}==
    )(?![A-Za-z0-9_])""",
    re.VERBOSE,
)
BLOCK = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:\\[nr]|[\s\"'+\\>#*])*(?:[A-Za-z-]+: [^\n]*\s+)*"
    r"(?:[A-Za-z0-9+/=]|\\[nr]|[\s\"'+\\>#*]){64,}"
    r"(?:-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----)?"
)
BEARER = re.compile(
    r"(?:Bearer |hooks\.slack\.com/services/)(?P<value>[\w.~+/-]{20,400}={0,2})"
)
NAMES = re.compile(
    r"passw(?:or)?d|passphrase|secret|token|credential|(?<![a-z])pwd|_pass(?![a-z])"
    r"|(?:api|access|private|encryption|signing)[_-]?key"
)
"""What secrets are called, in small letters."""

VALUE = re.compile(
    r"[\w-]{0,20}(?:[\"']?\]?(?:\s{0,3}:\s{0,3}\w{1,10})?\s{0,3}(?::=|=>|[:=,])\s{0,3}"
    r"(?:[brfu]|new )?(?P<quote>[\"'`])|=)"
    r"(?P<value>[^\s\"'`<>{}]{12,200}?)(?(quote)(?P=quote)|(?=[\s;\"'\\]|\Z))"
)
SET = re.compile(
    r"^[ \t]*(?:- )?(?:(?:export|ENV|ARG) +)?[A-Z][A-Z0-9_]*=\Z", re.MULTILINE
)
"""Before the rest of a line of a shell, a Dockerfile, a list of variables."""

AMONG = re.compile(r"[;\"' ]\w{1,40}=\Z")
"""Before a value that another one stands beside, as in a connection string."""

NAME_MARKS = (
    *("passw", "passphrase", "_pass", "pwd", "secret", "token", "credential", "_key"),
    *("-key", "apikey", "accesskey", "privatekey", "encryptionkey", "signingkey"),
)

LOGIN = re.compile(
    r"(?<=://)[\w.~%-]{1,64}:(?P<value>[^\s:/@\"'`<>{}$%()\[\]]{3,100})@"
)

TOP_LEVEL = (
    "com|org|net|edu|gov|mil|int|info|biz|io|ai|app|dev|me|co|tv|cc|eu|uk|us|ca|au|nz"
    "|de|at|ch|fr|es|it|nl|be|lu|dk|se|no|fi|is|ie|pt|pl|cz|sk|hu|ro|bg|gr|tr|ua|ru|by"
    "|lt|lv|ee|si|hr|rs|jp|cn|kr|tw|hk|sg|in|id|th|vn|my|ph|br|mx|ar|cl|pe|za|eg|ng|ke"
    "|il|ir|sa|ae|cloud|tech|xyz|online|name|email|systems|solutions|codes|foundation"
)
EMAIL = re.compile(
    r"(?<![\w.+/:%-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,4}"
    rf"(?:{TOP_LEVEL})(?![\w(@-]|\.\w)",
    re.IGNORECASE,
)
NOBODY = re.compile(
    r"@(?:[\w-]+\.)*(?:example|test|localhost|invalid|domain|foo|bar|email|company"
    r"|host|server|users\.noreply\.github|yourdomain|mydomain)\.\w+$"
    r"|^(?:git|hg|user|username|you|your|name|no-?reply|foo|bar|nobody)@",
    re.IGNORECASE,
)
# note: these begin with a set of characters and look behind later, for so `re` can skip
V4 = re.compile(r"[0-9](?<![\w.+-].)[0-9]{0,2}(?:\.[0-9]{1,3}){3}(?![\w-]|\.\d)")
V6 = re.compile(r"[23](?<![\w:.].)[0-9a-fA-F]{3}:[0-9a-fA-F:]{2,35}(?![\w:])")
RESOLVERS = {"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "4.4.4.4"}
RESOLVERS |= {"208.67.222.222", "208.67.220.220", "2001:4860:4860::8888"}

PHONE = re.compile(
    r"[+(](?<![\w+].)(?:(?<=\+)\d{1,3}[ .-]\(?\d{2,4}\)?(?:[ .-]\d{2,4}){2,3}"
    r"|(?<=\()\d{3}\) \d{3}-\d{4})"
    r"(?![\w.-])"
)
PLACEHOLDER = re.compile(
    r"example|sample|change|dummy|fake|test|your|xxxx|\*\*\*|placeholder|12345|abcde"
    r"|password|secret|token|\.\.\.|insert|redacted|default|field|invalid|[./]{2}|a-z|\\[dsw]",
    re.IGNORECASE,
)
TEMPLATE = re.compile(
    r"\A\$\w+\Z|\$[A-Za-z_]+\b|%\(\w+\)[a-z]|%[a-z]\b|[$\w.]*\([\w.,]*\)"
)
"""What stands for something else in a value."""

EXPRESSION = re.compile(r"[()\[\],]|\A[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\Z")
"""What tells code from a value without quotes."""

LEAST_ENTROPY = 3.3
"""Bits per character below which a quoted value is taken for words."""


def find(text: str) -> list[Finding]:
    """Secrets and personal data, in their order, none inside another.

    Meant to be precise: names such as ``user@example.com``, private and documentation
    addresses, version numbers and values that are words are not found. The kinds and
    the exceptions follow StarCoder's redaction (Li et al. 2023, section 4).
    """
    found = sorted(_all(text), key=lambda each: (each.start, -each.end))
    kept: list[Finding] = []
    for each in found:
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def redact(text: str) -> Redacted:
    """The text with a placeholder for each finding, and how many there were."""
    pieces, end = [], 0
    found: Counter[Kind] = Counter()
    for each in find(text):
        pieces += [text[end : each.start], each.kind.value]
        end = each.end
        found[each.kind] += 1
    return Redacted("".join((*pieces, text[end:])), found)


def has_private_key(text: str) -> bool:
    """Whether a block of a private key stands in a text; quick where there is none."""
    return "PRIVATE KEY" in text and BLOCK.search(text) is not None


def _all(text: str) -> Iterator[Finding]:
    lower = text.replace("\u0130", "I").lower()  # note: this letter alone would grow
    for rule in RULES:
        searched = lower if rule.names else text
        if rule.marks and not any(mark in searched for mark in rule.marks):
            continue
        for start, end in _windows(searched, rule):
            for match in _matches(text, lower, rule, start, end):
                if rule.accept(match):
                    group = "value" if "value" in match.re.groupindex else 0
                    yield Finding(rule.kind, match.start(group), match.end(group))


def _matches(
    text: str, lower: str, rule: _Rule, start: int, end: int
) -> Iterator[re.Match[str]]:
    if rule.names is None:
        yield from rule.pattern.finditer(text, start, end)
        return
    for name in rule.names.finditer(lower, start, end):
        if match := rule.pattern.match(text, name.end()):
            yield match


def _windows(text: str, rule: _Rule) -> Iterator[tuple[int, int]]:
    """Where the pattern is tried: around the marks, or everywhere.

    None ends within what belongs to a mark in it; together they are no longer than the
    text. The first may be empty.
    """
    if not rule.before:
        yield 0, len(text)
        return
    start = end = 0
    for place in sorted(place for mark in rule.marks for place in _places(text, mark)):
        if place - rule.before > end:
            yield start, end
            start = place - rule.before
        if place + AFTER > end:
            end = place + 2 * AFTER  # so that few marks ask for more
            if run := RUN.match(text, end):
                end = run.end()
    yield start, end


AFTER = 512
"""Characters behind a mark that are looked at: more than any secret has, but for one
that is a single `RUN`."""

RUN = re.compile(r"[\w.-]+")


def _places(text: str, mark: str) -> Iterator[int]:
    place = text.find(mark)
    while place >= 0:
        yield place
        place = text.find(mark, place + len(mark))


def _by_chance(match: re.Match[str]) -> bool:
    """Whether the value looks drawn by chance, not written by a person."""
    value = match["value"]
    if PLACEHOLDER.search(value) or value.count(".") > 2:
        return False
    value = TEMPLATE.sub("", value)
    if not re.search(r"\d", value) or not re.search(r"[A-Za-z]", value):
        return False
    return _entropy(value) >= LEAST_ENTROPY


def _is_set(match: re.Match[str]) -> bool:
    """Whether what a secret's name is given is a value that looks drawn by chance."""
    if match["quote"]:
        return _by_chance(match)
    text, start, end = match.string, match.start("value"), match.end()
    place = (text, max(0, start - 80), start)
    among = text[end : end + 1].strip("\r\n\t") and AMONG.search(*place)
    return bool(among or SET.search(*place)) and _is_bare(match)


def _is_bare(match: re.Match[str]) -> bool:
    """Whether a value without quotes looks drawn by chance, and no expression."""
    value = match["value"]
    mixed = len(re.findall(r"[A-Za-z]\d", value)) > 2
    return mixed and not EXPRESSION.search(value) and _by_chance(match)


def _entropy(value: str) -> float:
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares)


def _is_login(match: re.Match[str]) -> bool:
    value = match["value"]
    return len(value) >= 8 and not PLACEHOLDER.search(value) and _entropy(value) > 2.5


def _is_key(match: re.Match[str]) -> bool:
    return not re.search(r"EXAMPLE|(?i:xxxxx|your|000000)|12345678", match[0]) and (
        _entropy(match[0]) > 3
    )


def _is_person(match: re.Match[str]) -> bool:
    return not NOBODY.search(match[0])


def _is_public(match: re.Match[str]) -> bool:
    """A global address, and neither a well-known resolver nor a version number."""
    try:
        address = ipaddress.ip_address(match[0])
    except ValueError:
        return False
    if not address.is_global or address.is_multicast or match[0] in RESOLVERS:
        return False
    return address.version == 6 or max(map(int, match[0].split("."))) >= 32


RULES = (
    _Rule(Kind.PRIVATE_KEY, ("PRIVATE KEY",), BLOCK),
    _Rule(Kind.KEY, KEY_MARKS, KEY, 16, _is_key),
    _Rule(Kind.KEY, ("Bearer ", "hooks.slack"), BEARER, 1, _is_bare),
    _Rule(Kind.PASSWORD, NAME_MARKS, VALUE, 16, _is_set, NAMES),
    _Rule(Kind.PASSWORD, ("://",), LOGIN, 1, _is_login),
    _Rule(Kind.EMAIL, ("@",), EMAIL, 65, _is_person),
    _Rule(Kind.IP_ADDRESS, (), V4, 0, _is_public),
    _Rule(Kind.IP_ADDRESS, (), V6, 0, _is_public),
    _Rule(Kind.PHONE, (), PHONE),
)
