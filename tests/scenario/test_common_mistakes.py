"""The mistakes that newcomers made in their first scenario, each with the message of ``mockserver check``."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner

from mockserver.cli import main

WORLD = """\
name: mine
clock: 2023-01-10T08:00:00Z
users:
  - {as: anna}
accounts:
  - {as: savings, user_id: anna}
"""
FIRST = WORLD.count("\n") + 1
"""The line below the world."""

NO_EVENT = "'ORDER.FILED' is no event of the API (did you mean 'ORDER.FILLED'?)"
COLUMNS = "members of one entry begin in the same column"

TABLE: dict[str, tuple[str, list[tuple[int, str]]]] = {
    "1 a tab for indentation": (
        "instruments:\n\t- {isin: DE0005933931}\n",
        [(1, "the line is indented with a tab: YAML takes spaces only")],
    ),
    "2 a template without quotes in braces": (
        "steps:\n  - request: {path: /accounts/${savings}}\n",
        [(1, "inside { } and [ ] a ${...} stands in quotes")],
    ),
    "3 a misspelt path": (
        "steps:\n  - request: {method: POST, path: /ordres}\n",
        [(1, "steps[0].request.path: the API has no path '/ordres' (did you mean /orders?); where that is meant, exp")],
    ),
    "4 a misspelt name": (
        'steps:\n  - request: {path: "/accounts/${saving}"}\n',
        [(1, "nothing is called 'saving' before this step (did you mean 'savings'?)")],
    ),
    "5 a body that the operation refuses": (
        """\
        steps:
          - request:
              method: POST
              path: /orders
              body:
                user: ${anna}
                account_id: ${savings}
                cash_amount: 100
        """,
        [
            (4, "steps[0].request.body: place_order refuses it: field 'instrument_id' was not filled"),
            (4, "place_order refuses it: field 'instrument_id_type' was not filled"),
            (4, "place_order refuses it: field 'side' was not filled"),
            (4, "place_order refuses it: field 'user' is unknown"),
            (7, "steps[0].request.body.cash_amount: place_order refuses it: must be a string, not a number"),
        ],
    ),
    "6 a duration in words": (
        "steps:\n  - advance: 1 day\n",
        [(1, "'1 day' is not a duration: write for example 2")],
    ),
    "7 a misspelt event": ("steps:\n  - expect_event: ORDER.FILED\n", [(1, NO_EVENT)]),
    "8 a webhook without a receiver": (
        "steps:\n  - expect_webhook: ORDER.FILLED\n",
        [(1, "give a webhook of the scenario the url '${receiver}'")],
    ),
    "9 a status alone": (
        "steps:\n  - request: {path: /accounts}\n    expect: 200\n",
        [(2, "must be a mapping of names to values, not 200: it takes status, body, headers")],
    ),
    "10 two actions in a step": (
        "steps:\n  - request: {path: /accounts}\n    advance: 1d\n",
        [(1, "does request and advance at once: a step does one thing, make it 2 steps")],
    ),
    "11 a misspelt reference": (
        "positions:\n  - {account_id: savngs, instrument: DE0005933931, quantity: '1'}\n",
        [(1, "'savngs' is not among the accounts of this scenario (did you mean 'savings'?)")],
    ),
    "12 an unknown instrument": (
        "positions:\n  - {account_id: savings, instrument: DE0000000000, quantity: '1'}\n",
        [(1, "positions[0].instrument: 'DE0000000000' is not among the instruments of this scenario")],
    ),
    "13 a misspelt stage": (
        "stages:\n  order.exec: {delay: 1s}\n",
        [(1, "stages.order.exec: 'order.exec' is no stage (did you mean 'order.execute'?)")],
    ),
    "14 a delay that is too long": (
        "webhooks:\n  - {url: 'https://a.example.com/', config: {delay: 60s}}\n",
        [(1, "webhooks[0].config.delay: '60s' is not a time from 1s to 30s: write for example 5s")],
    ),
    "15 weights that do not sum to one": (
        """\
        instruments:
          - isin: DE0005933931
        allocations:
          - as: half
            name: Half
            allocation: [{instrument_id: DE0005933931, weight: "0.5"}]
        """,
        [(5, "the weights sum to 0.5, not to exactly 1 or 100")],
    ),
    "16 a section twice": (
        "users:\n  - {as: ben}\n",
        [(0, "'users' stands here twice: first on line 3, put both into one")],
    ),
    "17 a misspelt resource": (
        "steps:\n  - expect_state: {resource: order, count: 0}\n",
        [(1, "steps[0].expect_state.resource: 'order' is no resource (did you mean 'orders'?)")],
    ),
    "18 a state that there is not": (
        "steps:\n  - move: {resource: orders, id: x, to: DONE}\n",
        [(1, "'DONE' is no state that orders move to (known: CANCELLED, FILLED, PROCESSING)")],
    ),
    "19 a misspelt member and value": (
        """\
        steps:
          - request: {path: "/accounts/${savings}"}
            expect: {body: {statuss: ACTIVE}}
          - request: {path: "/accounts/${savings}"}
            expect:
              body:
                status: ACTIV
        """,
        [
            (2, "steps[0].expect.body.statuss: 'statuss' is never among the members here (did you mean status?)"),
            (6, 'steps[1].expect.body.status: "ACTIV" is never the value here (did you mean ACTIVE?)'),
        ],
    ),
    "20 a date as in Germany": (
        "prices:\n  - {instrument: DE0005933931, day: 10.01.2023, eod: '1'}\n",
        [(1, "is no date: write for example 2023-01-10")],
    ),
    "21 one column too few": (
        "steps:\n  - request: {path: /accounts}\n   expect: {status: 200}\n",
        [(2, f"the line begins in column 4, and the entry above it in column 5: {COLUMNS}")],
    ),
    "one column too many": (
        "steps:\n  - request: {path: /accounts}\n     expect: {status: 200}\n",
        [(2, f"the line begins in column 6, and the entry above it in column 5: {COLUMNS}")],
    ),
    "an order that must not be there": (
        "steps:\n  - expect_state: {resource: orders, count: 0, object: {staus: FILLED}}\n",
        [(1, "steps[0].expect_state.object.staus: 'staus' is never among the members here (did you mean status?)")],
    ),
    "an event that must not come": (
        """\
        steps:
          - expect_event:
              - type: ORDER.FILLED
                count: 0
                object:
                  staus: FILLED
          - expect_event: {type: ORDER.FILLED, count: 0, object: {status: FILED}}
        """,
        [
            (
                5,
                "steps[0].expect_event[0].object.staus: 'staus' is never among the members here (did you",
            ),
            (6, 'steps[1].expect_event.object.status: "FILED" is never the value here (did you mean FILLED?)'),
        ],
    ),
    "a method that the path does not take": (
        "steps:\n  - request: {method: PUT, path: /orders}\n",
        [(1, "steps[0].request.method: /orders does not take PUT; it takes POST; where that is meant, expect: {stat")],
    ),
    "a misspelt parameter": (
        "steps:\n  - request: {path: /accounts, query: {limt: 5}}\n  - request: {path: '/accounts?limt=5'}\n",
        [
            (1, "steps[0].request.query.limt: list_accounts has no parameter 'limt' (did you mean limit?)"),
            (2, "steps[1].request.path: list_accounts has no parameter 'limt' (did you mean limit?)"),
        ],
    ),
    "a parameter out of range": (
        "steps:\n  - request: {path: /accounts, query: {limit: 5000}}\n",
        [(1, "steps[0].request.query.limit: list_accounts refuses it: limit must be at least 1 and at most 1000")],
    ),
    "an id that is none": (
        "steps:\n  - request: {path: /accounts/savings}\n",
        [(1, "steps[0].request.path: retrieve_account refuses it: account_id 'savings' is not a UUID")],
    ),
    "a request without its body": (
        "steps:\n  - request: {method: POST, path: /orders}\n",
        [(1, "steps[0].request: place_order needs a body")],
    ),
    "a status that is never answered": (
        'steps:\n  - request: {path: "/accounts/${savings}"}\n    expect: {status: 202}\n',
        [(2, "steps[0].expect.status: retrieve_account answers 200, never 202")],
    ),
    "a number where the API sends text": (
        'steps:\n  - request: {path: "/accounts/${savings}"}\n    expect: {body: {name: 5}}\n',
        [(2, "steps[0].expect.body.name: expected text, got 5: put it in quotes")],
    ),
    "a misspelt place to save": (
        "steps:\n  - request: {path: /accounts}\n    save: {first: 'data[0].idd'}\n",
        [(2, "steps[0].save.first: data[0].idd: in the answer of list_accounts 'idd' is never among the members here")],
    ),
}


def checked(folder: Path, text: str) -> tuple[int, list[str]]:
    file = folder / "mine.yaml"
    file.write_text(text)
    result = CliRunner().invoke(main, ["check", str(file)])
    return result.exit_code, result.output.replace(f"{file}:", "").splitlines()


@pytest.mark.parametrize("mistake", TABLE)
def test_a_mistake_is_told_with_its_line_and_what_would_pass(tmp_path: Path, mistake: str) -> None:
    text, wanted = TABLE[mistake]
    code, lines = checked(tmp_path, WORLD + dedent(text))
    assert code == 2
    for line, words in wanted:
        assert any(told.startswith(f"{FIRST + line}: ") and words in told for told in lines), (line, words, lines)
    mistakes = [told for told in lines if told[:1].isdigit()]
    assert len(mistakes) == len(wanted), mistakes


def test_what_is_meant_passes(tmp_path: Path) -> None:
    code, lines = checked(
        tmp_path,
        WORLD
        + dedent("""\
        webhooks:
          - {as: hook, url: "${receiver}"}
        steps:
          - request: {path: /unknown}
            expect: {status: 404}
          - request: {method: PUT, path: /orders, body: {any: thing}}
            expect: {status: 405}
          - request: {method: POST, path: /orders, body: {user: "${anna}"}}
            expect: {status: 400, body: {status: 400, detail: "${regex:.*user.*}"}}
          - request: {path: "/accounts/${savings}", as: account}
            expect: {body: {status: ACTIVE, name: "${any}", users: {$contains: [{id: "${anna}"}]}}}
            save: {owner: "users[0].id"}
          - request: {path: "/users/${owner}/${account.body.type}"}
            expect: {status: 404}
          - request:
              method: POST
              path: /orders
              headers: {content-type: text/plain}
              body: hello
            expect: {status: 415}
          - request: {path: "/users/${owner}", query: {}}
          - expect_event: {type: ORDER.FILLED, count: 0, object: {status: FILLED, executions: {$length: 1}}}
          - expect_webhook: {type: ORDER.FILLED, count: 0, object: {id: "${savings}"}}
          - expect_state: {resource: orders, count: 0, object: {status: FILLED}}
          - expect_state: {resource: cash_balances, count: 0, object: {account_group_id: "${savings}"}}
        """),
    )
    assert (code, [told.split(": ")[-1] for told in lines]) == (0, [" good (11 steps)"]), lines
