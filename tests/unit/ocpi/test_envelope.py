"""Are OCPI's outer forms read and written as its transport chapter says?"""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.ocpi.envelope.authorization import candidates, shown
from chalicelib.ocpi.envelope.body import MalformedJson, dump, parse, parse_items
from chalicelib.ocpi.envelope.pages import headers, next_url, read_page
from chalicelib.ocpi.envelope.reply import enveloped, enveloped_raw
from chalicelib.ocpi.lenient.basic import instant
from chalicelib.ocpi.lenient.countries import alpha_2, alpha_3

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_the_specifications_own_sample_token_is_read_without_its_newline() -> None:
    assert candidates("Token ZXhhbXBsZS10b2tlbgo=")[0] == "example-token"


def test_a_raw_token_is_a_candidate_too() -> None:
    assert candidates("token abcd") == ("i\xb7\x1d".encode("latin-1").decode("latin-1"), "abcd")[1:]
    assert "ebf3b399-779f" in candidates("Token ebf3b399-779f")
    assert candidates(shown("tök n")) == ("tök n", "dMO2ayBu")
    assert candidates(shown("plain", raw=True))[-1] == "plain"


def test_what_is_no_token_has_no_candidates() -> None:
    for header in ("", "Token", "Token  ", "Bearer x", f"Token {'x' * 600}"):
        assert candidates(header) == ()


def test_items_keep_their_text_byte_for_byte() -> None:
    text = (
        ' {"status_code" : 1000, "x":{"data":[9]}, "data": [ {"a":1.50, "s":"]},{"} ,\n'
        '{"b":[1 , 2]}, 7 ] , "timestamp":"t"} '
    )
    envelope, items = parse_items(text)
    assert envelope == {"status_code": 1000, "x": {"data": [9]}, "timestamp": "t"}
    assert [item.text for item in items] == ['{"a":1.50, "s":"]},{"}', '{"b":[1 , 2]}', "7"]
    assert items[0].value["a"] == Decimal("1.50")
    assert parse_items('{"data":[]}') == ({}, [])
    assert parse_items('{"data":null}')[1] == []


@pytest.mark.parametrize(
    "text", ["", "{", '{"a":1,"a":2}', "NaN", "[" * 40 + "]" * 40, "1" * 70, "[1,]", '{"a":1}x']
)
def test_what_two_readers_could_read_differently_is_not_read(text: str) -> None:
    with pytest.raises(MalformedJson):
        parse(text)


def test_numbers_are_written_with_all_their_digits() -> None:
    text = '{"a":0.10,"b":[123456789.123456789,1],"c":"\\u20ac","d":null,"e":true}'
    assert dump(parse(text)) == text.replace("\\u20ac", "€")


def test_an_envelope_without_data_has_none() -> None:
    empty = '{"status_code":1000,"status_message":"Success","timestamp":"2026-11-20T09:00:00Z"}'
    assert enveloped(AT) == empty
    assert enveloped(AT, None, 2001, "no") == (
        '{"status_code":2001,"status_message":"no","timestamp":"2026-11-20T09:00:00Z"}'
    )
    assert enveloped_raw(AT, '{ "a": 1.0 }') == empty[:-1] + ',"data":{ "a": 1.0 }}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T09:00:00Z", AT),
        ("2026-11-20T09:00:00", AT),
        ("2026-11-20T10:00:00+01:00", AT),
        ("2026-11-20T09:00:00.25Z", AT.replace(microsecond=250_000)),
    ],
)
def test_timestamps_are_utc_whatever_their_form(text: str, expected: datetime) -> None:
    assert instant(text) == expected


def test_the_next_link_keeps_the_filters_and_ends_on_the_last_page() -> None:
    page = read_page({"date_from": "2026-11-20T09:00:00", "limit": "2", "offset": "2"})
    found = headers(page, "https://channel.example/t", 5)
    assert found["X-Total-Count"] == "5"
    assert next_url(found["Link"]) == (
        "https://channel.example/t?date_from=2026-11-20T09%3A00%3A00Z&offset=4&limit=2"
    )
    assert "Link" not in headers(page, "https://channel.example/t", 4)


def test_links_are_read_as_peers_write_them() -> None:
    assert next_url('<https://a.example/x?offset=1>; rel="next"') == "https://a.example/x?offset=1"
    assert next_url("<https://a.example/2>;rel=next") == "https://a.example/2"
    both = '<https://a.example/1>; rel="prev", <https://a.example/3>; title="x"; rel="next"'
    assert next_url(both) == "https://a.example/3"
    assert next_url('<https://a.example/1>; rel="prev"') == ""
    assert next_url("") == ""


def test_a_limit_above_ours_is_ours_and_an_absurd_offset_is_refused() -> None:
    assert read_page({"limit": "2000"}).limit == 100
    with pytest.raises(Invalid):
        read_page({"offset": "1000001"})


def test_every_country_has_one_code_of_each_length() -> None:
    assert (alpha_2("DEU"), alpha_2("nld"), alpha_2("DE"), alpha_2("XYZ")) == ("DE", "NL", "DE", "")
    assert (alpha_3("CH"), alpha_3("AT"), alpha_3("GB"), alpha_3("SE")) == (
        "CHE",
        "AUT",
        "GBR",
        "SWE",
    )
