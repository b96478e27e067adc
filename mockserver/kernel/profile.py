"""A profile is a behaviour: delays, outcomes, hours, runs and the chosen answers to open questions, in one file.

The shipped profiles are ``profiles/*.yaml``; a scenario may override any field. Every field names the source of its
default, and the fidelity table lists them. ``python -m mockserver.contract.compile`` puts them into ``profiles.json``:
a YAML parser would be 7 ms of every start.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import ConfigDict, Field, model_validator

from mockserver.kernel.business_settings import Businesses
from mockserver.kernel.calendar import check_market, zone
from mockserver.kernel.corporate_action_settings import CorporateActions
from mockserver.kernel.fee_settings import Fees
from mockserver.kernel.integers import Integer
from mockserver.kernel.isa_settings import Isa
from mockserver.kernel.payment_settings import Payments
from mockserver.kernel.report_settings import Reports
from mockserver.kernel.savings_plan_settings import SavingsPlans
from mockserver.kernel.settings import Duration, Factor, Interval, JsonFormat, Section, Share, SignatureVersion, Weights
from mockserver.kernel.tax_settings import Taxes
from mockserver.kernel.transfer_settings import Transfers


class StageOverride(Section):
    """Another delay or outcome for some resources only; the first that matches counts."""

    match: dict[str, str | bool | Integer] = Field(
        description="attributes of the resource and the values they must have"
    )
    delay: Duration | Literal["never"] | None = None
    jitter: Duration | None = None
    outcomes: Weights | None = None


class StageSetting(Section):
    """How one stage of a life cycle goes on by itself."""

    delay: Duration | Literal["never"] = Field(timedelta(), description="after how long; never: only on command")
    jitter: Duration = Field(timedelta(), description="up to this much more, drawn from the world's seed")
    outcomes: Weights | None = Field(None, description="state -> weight; without: the stage's own outcome")
    overrides: tuple[StageOverride, ...] = ()


class TradingHours(Section):
    """When the trading partner is open; a profile without them trades at any time."""

    open: time = time(9, 0)
    close: time = time(17, 30)


class CalendarSection(Section):
    market: str = Field("XETR", description="financial calendar of the trading days; inferred")
    settlement: str = Field("XECB", description="financial calendar of the settlement days (TARGET); inferred")
    timezone: str = "Europe/Berlin"
    closed: tuple[date, ...] = Field((), description="further days without trading")
    hours: TradingHours | None = Field(None, description="concepts.md §9.1: no hours in the sandbox; live inferred")

    @model_validator(mode="after")
    def _known(self) -> Self:
        """A calendar that does not exist is a mistake of the profile, not of the first order on it."""
        zone(self.timezone)
        for code in {self.market, self.settlement} - {"XETR", "XECB"}:
            check_market(code)
        return self


class SettlementDays(Section):
    """After how many settlement days an execution settles; ``None``: at once."""

    buy: int | None = Field(None, ge=0, le=30, description="sandbox at once [D]; live T+1 (trading.md §13 [D])")
    sell: int | None = Field(None, ge=0, le=30, description="sandbox at once [D]; live T+2 (trading.md §13 [D])")


class Settlement(SettlementDays):
    by_asset_class: dict[str, SettlementDays] = Field(
        {}, description="in place of both, for STOCK, ETF, FUND ...; trading.md §13 [D], their numbers unpublished"
    )
    at: time = Field(time(6, 0), description="UTC time of the settlement day; inferred")


class ValuationRun(Section):
    at: time = Field(time(0, 15), description="UTC; portfolios.md §6, read off the published event")
    announce_after: Duration = Field(
        timedelta(), description="delay of the webhook, of intraday valuations too; the published one is 10s"
    )
    unpriced: Literal["told", "left_out"] = Field(
        "told", description="positions without a price in the webhook: portfolios.md §6, inferred; left_out: example"
    )


class ReturnsRun(Section):
    at: time = Field(time(5, 15), description="UTC; portfolios.md §8, read off the published event")


class IntradayRun(Section):
    every: Interval = Field(timedelta(hours=1), description="interval between intraday valuations; inferred")
    start: time = time(9, 0)
    end: time = time(17, 30)


class BlockRun(Section):
    """When blocks of orders are dealt: trading.md §10.6 [D]; the times are inferred."""

    every: Interval = Field(timedelta(minutes=15), description="by the clock, while the market is open; inferred")
    at: tuple[time, ...] = Field((), description="in place of it: local times of every trading day")
    closes: Duration = Field(timedelta(minutes=5), description="before it is dealt; trading.md §10.6 [D]")


class Runs(Section):
    """What happens by the time of day."""

    valuations: ValuationRun | None = Field(default_factory=ValuationRun)
    returns: ReturnsRun | None = Field(default_factory=ReturnsRun)
    intraday: IntradayRun | None = Field(None, description="portfolios.md §6: schedule unpublished, so off by default")
    funds: time = Field(time(12, 0), description="local time of the daily execution of funds; hour inferred")
    blocks: BlockRun | None = Field(default_factory=BlockRun)
    strategies: bool = Field(False, description="portfolios.md §5.5: automatic rebalancing, optional; inferred")


RefusedStatus = Annotated[Integer, Field(ge=400, le=499)]


class Behaviour(Section):
    """The chosen answers to what the sources leave open; each is one line to change."""

    balanced_below: Share = Field(Decimal("0.01"), description="rebalancing threshold; portfolios.md §5.2, inferred")
    sell_limit: Share = Field(Decimal("0.90"), description="portfolios.md §4.2 [G]: share of the value that sells")
    portfolio_cancel: Literal["new_only", "best_effort"] = Field(
        "new_only", description="until when DELETE cancels a portfolio order: portfolios.md §4.4 [G]; best_effort [A]"
    )
    nominal_sell_limit: Share = Field(Decimal("0.90"), description="trading.md §10.3 [D]: share of a position")
    nominal_sell_lock: Factor = Field(Decimal("1.10"), description="trading.md §10.3 [D]: lock over the estimate")
    unit_buy_lock: Factor = Field(Decimal("1.10"), description="trading.md §10.3 [D]: lock over the estimate")
    unit_buy_estimate: Literal["own", "market"] = Field(
        "own", description="price that LIMIT and STOP buys are estimated at: trading.md §10.3, inferred"
    )
    untradable: Literal["wait", "cancel"] = Field(
        "wait", description="unknown or inactive ISIN, currency its venue lacks: trading.md §10.1 [D]; which: inferred"
    )
    funding: Literal["wait", "cancel"] = Field("wait", description="missing cash or units: trading.md §10.3, inferred")
    weights_sum: Literal["one", "one or hundred"] = Field("one or hundred", description="portfolios.md §2, inferred")
    order_list_status: Literal["FILLED", "ALL"] = Field("FILLED", description="trading.md §21.1: published default")
    tests_endpoints: bool = Field(True, description="whether the tests endpoints answer; trading.md §16: not in live")
    token_lifetime: Interval = Field(
        timedelta(seconds=1800), description="concepts.md §1.1: 1800 s in the newer contract [N], 86400 s in an old one"
    )
    check_fail_marker: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        "fail", description="in a data_download_link, fails the check or data change; trading.md §4, §21.19, inferred"
    )
    tax_residencies: Literal["ACTIVE", "PENDING"] = Field("ACTIVE", description="when set: trading.md §21.9, inferred")
    identifiers_needed: bool = Field(
        True, description="trading.md §6 [D]: not for BYOL clients of money-market and mutual funds only"
    )
    licence: Literal["TOL", "BYOL"] = Field(
        "BYOL", description="who holds it, Upvest or the client: trading.md §1 [D]; default inferred"
    )
    new_user: Literal["INACTIVE", "ACTIVE"] = Field(
        "INACTIVE", description="trading.md §2.2: guides [D]; ACTIVE, without onboarding: examples [X]; inferred"
    )
    new_account: Literal["PENDING_APPROVAL", "ACTIVE"] = Field(
        "PENDING_APPROVAL", description="trading.md §6 [D]; ACTIVE for an active user: the answer examples [X]"
    )
    refusal_statuses: dict[str, RefusedStatus] = Field(
        default_factory=dict, description="status of a refusal by its rule's name, for rules whose source says inferred"
    )
    data_changes: Literal["queued", "one_at_a_time"] = Field(
        "queued", description="a change of user data beside a pending one fails: trading.md §2.3 [D]; default inferred"
    )
    self_assessments: Literal["shown", "hidden"] = Field(
        "shown", description="USER_SELF_ASSESSMENT in reads and events: trading.md §4 [D], newer than 1.150"
    )
    group_updates: Literal["sent", "left_out"] = Field(
        "sent", description="ACCOUNT_GROUP.UPDATED for a new member: newer.md §4 [F 1.131], when it is emitted inferred"
    )
    role_activation: Literal["role", "user"] = Field(
        "role", description="what a child's role waits for under TOL: trading.md §6 [D], its list inferred; user: all"
    )
    jurisdiction: Literal["EEA", "UK"] = Field(
        "EEA", description="trading.md §3 [D]: of the licence; under UK, GB counts as EEA; default inferred"
    )
    price_data: Literal["contract", "none"] = Field(
        "contract", description="none: 403 on prices, not on venues (trading.md §9 [D], code inferred)"
    )
    webhook_urls: Literal["any", "strict"] = Field(
        "any", description="strict: https and DNS names only (concepts.md §7.1 [D])"
    )


class WebhookSection(Section):
    model_config = ConfigDict(serialize_by_alias=True)  # json_format: a field json would hide a method of pydantic

    delay: Annotated[str, Field(pattern=r"^([1-9]|[12][0-9]|30)s$")] = Field("5s", description="default; inferred")
    max_package_size: int = Field(51200, ge=100, le=1_048_576, description="bytes; default inferred")
    timeout: Interval = Field(timedelta(seconds=2), description="real time for one attempt; unpublished, inferred")
    retry_cap: Interval = Field(timedelta(seconds=600), description="concepts.md §7.3 [D]: Fibonacci up to 600 s")
    removed_after: Duration | None = Field(timedelta(days=30), description="concepts.md §7.3 [D]: sandbox; None: never")
    skipped_after: int | None = Field(
        3,
        ge=1,
        le=1_000_000,
        description="time-outs in a row before a move of the clock skips attempts; None: never; the mock's own",
    )
    signature: SignatureVersion = Field("6", description="concepts.md §7.4 [D]: version 6; 15 and none: own")
    json_format: JsonFormat = Field(
        "compact", alias="json", description="bytes of a delivery's JSON: concepts.md §7.2, unpublished; inferred"
    )


class SignatureSection(Section):
    """Signatures of requests, under ``--auth strict``; all times are wall time."""

    tolerance: Duration = Field(timedelta(seconds=10), description="of clocks; concepts.md §2.2: unpublished, inferred")
    longest_age: Interval = Field(
        timedelta(minutes=5), description="of one without expires; concepts.md §2.2 [U], inferred"
    )
    nonces: Literal["once", "any"] = Field("once", description="once: reuse is refused; concepts.md §2.2 [T], inferred")
    nonce_window: Interval = Field(timedelta(minutes=5), description="for how long a nonce is remembered; inferred")
    explain: bool = Field(True, description="a refusal has a header mockserver-explain; the mock's own")
    vendor_proxy: bool = Field(
        True,
        description="try values as the vendor's httpsignature-proxy signs them, after the plain ones; "
        "concepts.md §2.2 [E], inferred",
    )


class Refusals(Section):
    """Refusals of requests that no published text states: off by default, all of them on in ``sandbox-strict``."""

    content_type_parameters: bool = Field(
        False, description="charset=utf-8 behind the content type: on JSON concepts.md §2.4 [T], on forms inferred"
    )
    problem_accept: bool = Field(
        False,
        description="accept: application/problem+json alone where success has no body; concepts.md §2.4, inferred",
    )
    accept_grammar: bool = Field(
        False, description="accept with * for */*, or weights as q=.2, which RFC 9110 §12.5.1 does not have; inferred"
    )
    null_members: bool = Field(
        False, description="null for a member whose schema does not allow it, else it counts as absent; inferred"
    )
    empty_length: bool = Field(
        False, description="content-length: 0 on GET and DELETE, against the SHOULD NOT of RFC 9110 §8.6; inferred"
    )
    future_confirmations: bool = Field(
        False, description="confirmed_at of bank details later than the world's now; payments.md §3.1, inferred"
    )
    future_birth_dates: bool = Field(
        False, description="a birth_date later than the world's today; trading.md §2.1, inferred"
    )


NOTHING_INFERRED = Refusals.model_construct()  # needs no validator, which would be built at every start


class Limits(Section):
    """Where the mock protects itself, and as the API does if it should."""

    tasks_at_one_instant: Integer = Field(200_000, ge=100, description="more is taken for a loop")
    body: Integer = Field(2_000_000, ge=1000, description="bytes of a request body")
    kept: Integer = Field(100_000, ge=1024, description="events, moves and deliveries kept for looking at")
    requests_per_second: int | None = Field(
        None, ge=1, le=100_000, description="per client; concepts.md §9.1 [D]: 300 in the sandbox; None: no limit"
    )


class Profile(Section):
    """The whole behaviour of a world."""

    name: str
    description: str = ""
    instruments: Literal["sandbox", "none"] = Field("none", description="sandbox: the published ones, concepts.md §9.2")
    stages: dict[str, StageSetting] = Field(default_factory=dict)
    calendar: CalendarSection = Field(default_factory=CalendarSection)
    settlement: Settlement = Field(default_factory=Settlement)
    runs: Runs = Field(default_factory=Runs)
    behaviour: Behaviour = Field(default_factory=Behaviour)
    corporate_actions: CorporateActions = Field(default_factory=CorporateActions)
    businesses: Businesses = Field(default_factory=Businesses)
    payments: Payments = Field(default_factory=Payments)
    fees: Fees = Field(default_factory=Fees)
    savings_plans: SavingsPlans = Field(default_factory=SavingsPlans)
    reports: Reports = Field(default_factory=Reports)
    isa: Isa = Field(default_factory=Isa)
    transfers: Transfers = Field(default_factory=Transfers)
    taxes: Taxes = Field(default_factory=Taxes)
    webhooks: WebhookSection = Field(default_factory=WebhookSection)
    signatures: SignatureSection = Field(default_factory=SignatureSection)
    refusals: Refusals = Field(default_factory=Refusals)
    limits: Limits = Field(default_factory=Limits)


@cache
def _compiled() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = orjson.loads(Path(__file__).with_name("profiles.json").read_bytes())
    return found


@cache
def shipped(name: str) -> dict[str, Any]:
    """The settings of a shipped profile, laid on those of its ``base``; ``ValueError`` names those that exist."""
    profiles = _compiled()
    if name not in profiles:
        raise ValueError(f"there is no profile {name!r}: the shipped ones are {', '.join(profiles)}")
    settings = dict(profiles[name])
    base = settings.pop("base", None)
    return settings if base is None else merged(shipped(base), settings)


def profile(name: str, overrides: dict[str, Any] | None = None) -> Profile:
    """A shipped profile, with any of its settings overridden (nested objects are merged, the rest replaced)."""
    settings = shipped(name)
    if overrides:
        return Profile.model_validate(merged(settings, overrides))
    made: Profile = import_module(f"mockserver.kernel.shipped.{module_of(name)}").PROFILE
    return made


def names() -> list[str]:
    """The shipped profiles."""
    return list(_compiled())


def module_of(name: str) -> str:
    """The module in ``mockserver.kernel.shipped`` that holds a shipped profile."""
    return name.replace("-", "_")


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """``base`` with ``over`` laid on it, object by object."""
    result = dict(base)
    for key, value in over.items():
        inner = result.get(key)
        result[key] = merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return result
