"""Tables of input that is meant to hurt: what is sent, and how it has to be refused."""

from typing import Any

JSON = "application/json"
HUGE = "9" * 400

INVALID = (422, "http.invalid_input")
UNSUPPORTED = (415, "http.unsupported_media_type")
TOO_LARGE = (413, "http.body_too_large")
NOT_JSON = (400, "http.not_json")
NOT_TEXT = (400, "http.not_text")
BODIES: list[tuple[Any, tuple[int, str]]] = [
    (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, NOT_JSON),
    (b"[" * 10_000 + b"]" * 10_000, NOT_JSON),
    (b'{"a": 1, "a": 1}', NOT_JSON),
    (b'{"a": {"b": 1, "b": 2}}', NOT_JSON),
    (b'{"a": NaN}', NOT_JSON),
    (b'{"a": -Infinity}', NOT_JSON),
    (b'{"a": 1e400}', NOT_JSON),
    (b'{"a": ' + HUGE.encode() + b"}", NOT_JSON),
    (b'{"a": "\\ud800"}', NOT_JSON),
    (b'{"a": "\xed\xa0\x80"}', NOT_JSON),
    (b'\xef\xbb\xbf{"a": 1}', NOT_JSON),
    (b'{"a": "\x00"}', NOT_JSON),
    (b'{"a": "\\u0000"}', NOT_TEXT),
    (b'{"\\u0000": 1}', NOT_TEXT),
    (b"[" + b"0," * 40_000 + b"0]", TOO_LARGE),
    (b"null", INVALID),
    (b"[]", INVALID),
    (b'"{}"', INVALID),
    (b'{"$where": "1", "": 1, "a.b": 1}', INVALID),
]
TYPES = [
    {"Content-Type": "application/xml"},
    {"Content-Type": "multipart/form-data; boundary=x"},
    {"Content-Type": "application/json; charset=utf-16"},
    {"Content-Type": "application/json; charset=gb2312"},
    {"Content-Type": b"application/\xe7\xba\xb8"},
    {"Content-Type": JSON, "Content-Encoding": "gzip"},
    {"Content-Type": JSON, "Content-Encoding": "br, gzip"},
]
LEAVES: list[tuple[set[str], list[Any]]] = [
    ({"integer"}, [2**63, 2**64 - 1, -(2**63), 1.5, "1", True, [], {}]),
    ({"number"}, [1e308, "1", True, [], {}]),
    ({"boolean"}, [0, 1, "true", [], {}]),
    ({"string", "uuid"}, [1, 1.5, True, ["a"], {"a": "a"}]),
    (
        {"date"},
        [
            "0000-01-01",
            "1999-12-31",
            "2200-01-01",
            "10000-01-01",
            "2026-02-30",
            "2026-11-24T00:00:00Z",
            "20261124",
            "2026-W48-2",
            "٢٠٢٦-١١-٢٤",
            " 2026-11-24",
            0,
            1_764_000_000,
        ],
    ),
    (
        {"date-time"},
        [
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "10000-01-01T00:00:00Z",
            "2026-11-24T24:00:00Z",
            "2026-11-24T23:59:60Z",
            "2026-06-30T23:59:61+00:00",
            "2026-11-24T08:00:00+14:01",
            "2026-11-24T08:00:00-15:00",
            "2026-11-24T08:00:00+99:99",
            "2026-11-24T08:00:00",
            "2026-11-24",
            "1764000000",
            1_764_000_000,
        ],
    ),
]
QUERIES = {
    "integer": [
        "0x10",
        "1e3",
        "1.5",
        "-1",
        "9" * 25,
        HUGE,
        "9" * 5_000,
        "NaN",
        "٣٣٣",
        "1_0",
        "+1",
        "01",
        " 1",
        "",
    ],
    "boolean": ["maybe", "2", "1", "yes", "on", "True", HUGE],
    "date": [
        "0",
        "1764000000",
        "0000-01-01",
        "10000-01-01",
        "2026-02-30",
        "2026-11-24T00:00:00Z",
    ],
    "date-time": [
        "0",
        "1764000000",
        "0000-01-01T00:00:00Z",
        "2026-11-24T24:00:00Z",
        "2026-11-24T23:59:60Z",
        "2026-11-24T08:00:00-15:00",
    ],
}
LIMITS = ["0", "-1", "1000000000", "201", HUGE]
CURSORS = [
    "x",
    "AAAA",
    "W10",
    "bnVsbA",
    "W251bGxd",
    "é",
    "W1siYSJdXQ",
    "WzEsMSwxLDEsMV0",
    "WyJhIiwxLCJhIiwiYSIsImEiXQ",
]
TARGETS = [
    ("a%2Fb", (404, "http.no_such_path")),
    ("..%2f..%2fetc", (404, "http.no_such_path")),
    ("a%00", NOT_TEXT),
    ("%FF%FE", NOT_TEXT),
    ("%ED%A0%80", NOT_TEXT),
]
IDS = [
    "x" * 65,
    "x" * 8_000,
    "x" * 60_000,
    "%F0%9F%97%91",
    "%E2%80%AE",
    "$where",
    "%0A",
    "%20",
    "9" * 400,
]
KEYS = ["", "k" * 129, "k" * 300, "a\tb", "a b", '"', '"k', b"k\xe4se", b"\xe7\xba\xb8", b"a\x01b"]
ETAGS = ["", "1", '"x"', '"-1"', '"1", "2"', 'W/"', '"' + "9" * 400 + '"', b'"\xb2"', '"1.0"']

BEARERS = ["Bearer", "Bearer a.b.c", "Basic eA==", "Bearer " + "a" * 9_000, b"Bearer \xff\xfe.a.b"]
