"""Which licences a text grants or names: a LICENSE file, or the head of a source.

Rules by phrases, as in Debian's licensecheck. They lean to the safe side: a text that
names a licence which is not permissive has it, whatever else it says.
"""

import re
from functools import lru_cache

__all__ = ["SPDX", "UNKNOWN", "WORTH", "licences_in", "points_elsewhere", "spdx_of"]

UNKNOWN = "LicenseRef-unknown"

SPDX = re.compile(r"SPDX-License-Identifier:\s*([^\n*#/;\"'<>]+)")

BLANK = re.compile(r"[\s*#/;\"'`\u201c\u201d>|,\-\u2013\u2014=_]+")
"""What is one space to the rules: line ends, comment leaders, quotes, hyphens."""

FILE = re.compile(r"\b(?:licen[sc]e|copying)[-_.](?:mit|bsd|apache)\w*")
"""The name of another file, which grants nothing here."""

MIT = "permission is hereby granted free of charge to any person obtaining a copy of"
BSD = (
    "redistribution and use (?:in source and binary forms|of this software"
    "|of the software)"
)
RULES: tuple[tuple[str, str], ...] = (
    # permissive: words of the grant, or the usual reference to it
    (MIT + r".{0,600}(?:above|this) copyright notice", "MIT"),
    (MIT + r"(?!.{0,600}copyright notice)", "MIT-0"),
    (
        r"(?:under|licen[sc]e:?|distributed with) (?:the )?(?:terms of the )?\(?(?:mit|expat)\b(?! no)",
        "MIT",
    ),
    (BSD + r".{0,900}neither the names?", "BSD-3-Clause"),
    (BSD + r".{0,900}may not be used to endorse", "BSD-3-Clause"),
    (BSD + r"(?!.{0,900}(?:neither the names?|be used to endorse))", "BSD-2-Clause"),
    (r"all advertising materials mentioning", "BSD-4-Clause"),
    (
        r"(?:under|licen[sc]e:?) (?:the )?(?:terms of the )?(?:new |modified |3 clause |simplified |2 clause )?bsd\b",
        "BSD-3-Clause",
    ),
    (
        r"apache licen[sc]e,? (?:version )?2\b|apache 2(?:\.0)? licen[sc]e|apache licen[sc]e 2",
        "Apache-2.0",
    ),
    (
        r"permission to use copy modify and ?(?:or )?distribute this software(?: and its documentation)? for any purpose with or without fee is hereby granted provided that the above copyright notice and this permission notice appear in all copies\b",
        "ISC",
    ),
    (
        r"permission to use copy modify and ?(?:or )?distribute this software for any purpose with or without fee is hereby granted\.? the software is",
        "0BSD",
    ),
    (
        r"permission to use copy modify and distribute this software and its documentation for any purpose (?:and )?without fee is hereby granted",
        "HPND",
    ),
    (
        r"this is free and unencumbered software released into the public domain",
        "Unlicense",
    ),
    (
        r"creative commons (?:legal code )?cc0|cc0 1\.0|publicdomain zero 1\.0",
        "CC0-1.0",
    ),
    (
        r"permission is granted to anyone to use this software for any purpose including commercial applications",
        "Zlib",
    ),
    (r"boost software licen[sc]e", "BSL-1.0"),
    (r"blue oak model licen[sc]e", "BlueOak-1.0.0"),
    (
        r"python software foundation licen[sc]e|psf licen[sc]e agreement|under the (?:python|psf) licen[sc]e",
        "PSF-2.0",
    ),
    (r"zope public licen[sc]e", "ZPL-2.1"),
    (r"universal permissive licen[sc]e", "UPL-1.0"),
    (r"university of illinois ncsa open source", "NCSA"),
    # not permissive, or not for everyone
    (r"gnu affero|\bagpl", "AGPL-3.0-only"),
    (r"gnu (?:lesser|library) general|\blgpl", "LGPL-2.1-only"),
    (
        r"(?<!previously distributed under the )gnu general public|gnu gpl|gnu public licen[sc]e|\bgpl ?v?[23]\b|\bgplv\d|(?<!python )under the gpl\b|gpl licen[sc]ed?",
        "GPL-2.0-only",
    ),
    (r"mozilla public licen[sc]e|\bmpl ?v?[12]\b", "MPL-2.0"),
    (r"eclipse public licen[sc]e", "EPL-2.0"),
    (r"common development and distribution licen[sc]e", "CDDL-1.0"),
    (r"european union public licen[sc]e", "EUPL-1.2"),
    (r"creative commons attribution|\bcc by\b", "CC-BY-4.0"),
    (r"server side public licen[sc]e", "SSPL-1.0"),
    (r"business source licen[sc]e", "BUSL-1.1"),
    (
        r"functional source licen[sc]e|commons clause|elastic licen[sc]e|polyform",
        "LicenseRef-source-available",
    ),
    (r"shall be used for good not evil", "JSON"),
    (
        r"(?<!commercial )(?<!commercial and )(?<!commercial or )non ?commercial(?!ly| distribution| (?:and|or|as well as) commercial)|not (?:be )?(?:\w+ )?for (?:any )?commercial|for (?:(?:research|academic|educational|and|or) )+(?:use |purposes )?only|for personal use only",
        "LicenseRef-non-commercial",
    ),
    (
        r"(?:proprietary and confidential|confidential and proprietary)|unauthori[sz]ed (?:copying|use|reproduction)|licensed material of|nvidia corporation and its licensors retain",
        "LicenseRef-proprietary",
    ),
)
LONGEST_POINTER = 500
POINTER = re.compile(
    r"under .{0,100}?\b(?:licen[sc]e|copying)[._-](?!3rd|third)\w",
    re.IGNORECASE | re.DOTALL,
)
COMPILED = tuple((re.compile(rule), name) for rule, name in RULES)
WORTH = re.compile(
    r"licen[sc]|copyright|permission|redistribut|public domain|proprietary|\bgpl",
    re.IGNORECASE,
)
"""A text without any of these says nothing."""


def spdx_of(head: str) -> str:
    """The expressions behind ``SPDX-License-Identifier:``, each of which holds."""
    found = dict.fromkeys(each.strip(" \t-") for each in SPDX.findall(head))
    return (
        next(iter(found))
        if len(found) == 1
        else " AND ".join(map("({})".format, found))
    )


def licences_in(text: str) -> frozenset[str]:
    """SPDX identifiers of what a text grants or names; empty: nothing known."""
    if not WORTH.search(text):
        return frozenset()
    return _found(BLANK.sub(" ", FILE.sub(" ", text.lower())).strip())


def points_elsewhere(text: str) -> bool:
    """Whether a text only says which other files have the licences."""
    short = len(text) <= LONGEST_POINTER and "reserved" not in text.lower()
    return short and POINTER.search(text) is not None


@lru_cache(maxsize=4096)  # heads repeat through a package
def _found(plain: str) -> frozenset[str]:
    return frozenset(name for rule, name in COMPILED if rule.search(plain))
