"""A recording knows what changed the profile, by command and by date."""

from __future__ import annotations

from tests.recording.test_recorder import Hand, hand, settings

__all__ = ["hand", "settings"]


async def test_a_profile_that_changes(hand: Hand) -> None:
    late = {"from": "2023-01-10T10:00:00Z", "until": "2023-01-10T11:00:00Z", "behaviour": {"funding": "cancel"}}
    outage = {"stages": {"order.execute": {"outcomes": {"CANCELLED": 1}}}}
    await hand.command("PATCH", "/profile", {**outage, "changes": [late]})
    await hand.buy()
    await hand.command("POST", "/clock/advance", {"by": "150m"})
    await hand.command("DELETE", "/profile")
    await hand.buy()
    await hand.command("POST", "/clock/advance", {"by": "2h"})
    data = await hand.replayed()
    assert [step["profile"] for step in data["steps"] if "profile" in step] == [
        {**outage, "changes": [late]},
        "original",
    ]
    statuses = [each["object"]["status"] for each in (await hand.command("GET", "/state/orders"))["data"]]
    assert statuses == ["CANCELLED", "FILLED"]
