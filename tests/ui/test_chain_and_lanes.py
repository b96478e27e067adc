"""The chain joins what is linked, and the lanes put each state between its moments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mockserver.ui.chain import attempts, chain, matching
from mockserver.ui.chart import BOTTOM, HEIGHT, TOP, Series, chart
from mockserver.ui.lanes import lanes

FIRST, SECOND, THIRD, LATER = (f"2023-04-0{day}T07:00:00Z" for day in (3, 4, 5, 6))


def move(number: int, at: str, to: str, identity: str = "o1", by: tuple[str, int] | None = None) -> dict[str, Any]:
    cause = None if by is None else {"kind": by[0], "number": by[1], "name": None}
    common = {"number": number, "at": at, "resource": "orders", "id": identity}
    return {**common, "from": None, "to": to, "cause": "c", "caused_by": cause}


def event(number: int, at: str, name: str, by: int | None = None) -> dict[str, Any]:
    cause = None if by is None else {"kind": "move", "number": by, "name": None}
    return {"number": number, "id": f"e{number}", "created_at": at, "type": name, "caused_by": cause}


def request(number: int, at: str, status: int = 200) -> dict[str, Any]:
    common = {"number": number, "at": at, "method": "POST", "path": "/orders", "operation": "place_order"}
    return {**common, "status": status, "refusal": None, "request_id": f"r{number}"}


def attempt(at: str, status: int, fault: str | None = None) -> dict[str, Any]:
    return {"at": at, "status": status, "problem": None, "delivered": status < 300, "fault": fault}


def delivery(*made: dict[str, Any], events: tuple[int, ...] = ()) -> dict[str, Any]:
    carried = [{"id": f"e{number}"} for number in events]
    return {"id": "d1", "state": "DELIVERED", "events": carried, "attempts": list(made), "faults": []}


def test_a_row_has_the_request_its_move_the_event_of_that_and_the_delivery() -> None:
    sent = delivery(attempt(FIRST, 204), events=(1,))
    (row,) = chain([request(1, FIRST)], [move(1, FIRST, "NEW", by=("request", 1))], [event(1, FIRST, "A", 1)], [sent])
    assert (row["request"]["number"], row["move"]["to"], row["event"]["type"]) == (1, "NEW", "A")
    assert row["delivery"]["id"] == "d1"


def test_what_nothing_links_has_a_row_of_its_own_in_order_of_time() -> None:
    rows = chain([request(1, SECOND)], [move(1, THIRD, "NEW")], [event(1, FIRST, "A")], [])
    assert [bool(row["event"]) for row in rows] == [True, False, False]
    assert [bool(row["request"]) for row in rows] == [False, True, False]
    assert [bool(row["move"]) for row in rows] == [False, False, True]


def test_a_request_that_made_two_moves_is_named_once_and_so_is_a_bundle_of_two_events() -> None:
    moves = [move(1, FIRST, "NEW", by=("request", 1)), move(2, FIRST, "NEW", "o2", by=("request", 1))]
    events = [event(1, FIRST, "A", 1), event(2, FIRST, "A", 2)]
    rows = chain([request(1, FIRST)], moves, events, [delivery(events=(1, 2))])
    assert [row["request"] is not None for row in rows] == [True, False]
    assert [row["again"] for row in rows] == [False, True]


def test_what_two_requests_of_one_instant_led_to_stands_with_each() -> None:
    moves = [
        move(1, FIRST, "NEW", "a", by=("request", 1)),
        move(2, FIRST, "NEW", "b", by=("request", 2)),
        move(3, FIRST, "FILLED", "a", by=("move", 1)),
    ]
    rows = chain([request(1, FIRST), request(2, FIRST)], moves, [], [])
    assert [row["move"]["id"] for row in rows] == ["a", "a", "b"]
    assert [row["request"] is not None for row in rows] == [True, False, True]


def test_a_filter_finds_ids_operations_and_states() -> None:
    rows = chain([request(7, FIRST, 404)], [move(1, SECOND, "FILLED", "abc")], [], [])
    assert [len(matching(rows, text)) for text in ("place_ord", "404", "filled", "abc", "xyz")] == [1, 1, 1, 1, 0]


def test_attempts_alike_count_as_one_and_on_purpose_is_never_red() -> None:
    made = [attempt(FIRST, 500, "w1"), attempt(SECOND, 500, "w1"), attempt(THIRD, 502), attempt(LATER, 204)]
    found = attempts(delivery(*made))
    assert [(each["word"], each["times"], each["look"]) for each in found] == [
        ("500", 2, "fault"),
        ("502", 1, "bad"),
        ("204", 1, "ok"),
    ]


def drawn(**given: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"requests": [], "moves": [], "deliveries": [], "upcoming": []}
    return lanes(THIRD, **{**empty, **given})


def test_a_column_is_a_moment_and_a_bar_lasts_from_its_move_to_the_next() -> None:
    found = drawn(moves=[move(1, FIRST, "NEW"), move(2, SECOND, "PROCESSING")])
    assert [each["at"] for each in found["columns"]] == [FIRST, SECOND, THIRD]
    (family,) = found["families"]
    (row,) = family["rows"]
    assert [(bar["state"], bar["place"], bar["width"]) for bar in row["bars"]] == [("NEW", 1, 1), ("PROCESSING", 2, 1)]


def test_what_is_due_has_a_dashed_bar_up_to_its_moment_after_now() -> None:
    due = {"due": LATER, "args": ["order.execute", "o1"], "reason": "filled", "background": False}
    found = drawn(moves=[move(1, FIRST, "NEW")], upcoming=[due])
    assert [each["future"] for each in found["columns"]] == [False, False, True]
    bar = found["families"][0]["rows"][0]["bars"][-1]
    assert (bar["look"], bar["place"], bar["width"]) == ("due", 3, 1)


def test_a_break_is_said_where_nothing_happened_for_long() -> None:
    found = drawn(moves=[move(1, FIRST, "NEW"), move(2, SECOND, "FILLED")])
    assert [each["gap"] for each in found["columns"]] == ["", "1 d", "1 d"]


def test_attempts_alike_have_one_column() -> None:
    made = [attempt(FIRST, 500), attempt(SECOND, 500), attempt(THIRD, 204)]
    found = drawn(deliveries=[delivery(*made)])
    assert [each["at"] for each in found["columns"]] == [FIRST, THIRD]


def test_a_long_history_is_cut_to_the_columns_that_the_style_sheet_has() -> None:
    many = [request(number, f"2023-04-01T07:{number // 60:02}:{number % 60:02}Z") for number in range(300)]
    found = drawn(requests=many)
    assert found["total"] <= 60
    assert found["columns"][-1]["now"]


def test_a_chart_puts_the_least_at_the_bottom_and_the_most_at_the_top() -> None:
    values = {"2023-04-03": Decimal(90), "2023-04-04": Decimal(100), "2023-04-05": Decimal(80)}
    found = chart("Value", [Series("a", values)])
    assert found is not None
    heights = [float(point.split(",")[1]) for point in found["lines"][0]["points"].split()]
    assert heights == [TOP + (HEIGHT - TOP - BOTTOM) / 2, TOP, HEIGHT - BOTTOM]
    assert found["table"] == [(label, [value]) for label, value in values.items()]


def test_a_chart_of_one_value_or_of_none_does_not_fail() -> None:
    assert chart("Value", [Series("a", {})]) is None
    assert chart("Value", [Series("a", {"2023-04-03": Decimal(0)})]) is not None
