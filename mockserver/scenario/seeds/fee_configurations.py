"""Fee configurations: by which fee model an account pays."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from mockserver.domain.fees.configurations import FeeConfiguration, configure
from mockserver.domain.seeding.portfolios import unrefused
from mockserver.kernel.world import World
from mockserver.models.base import UUID_PATTERN, dashed
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Closed
from mockserver.scenario.references import ToAccount

ModelId = Annotated[str, StringConstraints(pattern=UUID_PATTERN)]


class FeeConfigurationEntry(Closed):
    """Fees accrue from the scenario's first day on; what the model takes says the profile, ``fees.models``."""

    account_id: ToAccount
    fee_model_id: ModelId


def fee_configuration(world: World, *, account_id: str, fee_model_id: str) -> FeeConfiguration:
    """As by request, on the day on which the world begins."""
    made: FeeConfiguration = unrefused(configure, world, account_id, dashed(fee_model_id))
    return made


FEE_CONFIGURATIONS = SeedFamily(
    name="fee_configurations",
    entry=FeeConfigurationEntry,
    put=fee_configuration,
    unique=("account_id",),
    says="`account_id`, `fee_model_id` (a model of the profile's `fees.models`; any other id costs nothing)",
)
