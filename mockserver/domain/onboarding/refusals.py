"""Refusals of checks, of opening account groups and accounts, and of giving roles (trading.md §4, §7)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Checks (trading.md §4)
LIVENESS_PHOTO_IN_DE: Final = Rule(
    "check.liveness-photo",
    400,
    "(root).method: LIVENESS_PHOTO_ID is not for residents of DE, and user {id} lives there; use VIDEO_ID, "
    "IN_PERSON_ID or ELECTRONIC_ID.",
    "trading.md §4 [N], code inferred",
)
TWO_PLUS_TWO_OUTSIDE_GB: Final = Rule(
    "check.two-plus-two",
    400,
    "(root).method: TWO_PLUS_TWO_VERIFICATION is only for residents of GB, and user {id} lives in {country}.",
    "trading.md §4 [N], code inferred",
)
WITHHOLDING_PAIR: Final = Rule(
    "check.withholding-pair",
    400,
    "(root).documentation_type: {documentation} does not document a {person}; {fitting} would.",
    "trading.md §4 [N], code inferred",
)
GUARDIAN_ROLE: Final = Rule(
    "check.guardian-role",
    404,
    "User {id} has no GUARDIAN role {role_id}; give it with POST /roles, and check the guardian, not the child.",
    "trading.md §4 [N], as §7.3; inferred",
)

# Creating groups (trading.md §7.1, §7.3)
TWO_HOLDERS: Final = Rule(
    "account-group.two-holders",
    400,
    "(root): send either user_id or business_id, not both.",
    "trading.md §7.3, inferred",
)
SECOND_PERSONAL: Final = Rule(
    "account-group.second-personal",
    400,
    "User {user_id} has an account group of the type PERSONAL already ({group_id}); a user can have one (profile "
    "setting payments.personal_groups).",
    "trading.md §7.3 [D], code inferred",
)
NUMBER_IN_USE: Final = Rule(
    "account-group.number-in-use",
    400,
    "(root).securities_account_number: {number} is in use; send one that is not, or leave it out to be given one.",
    "trading.md §7.3, inferred",
)

# Creating accounts (trading.md §7.3)
GROUP_CLOSES: Final = Rule(
    "account.group-closing",
    400,
    "(root).account_group_id: account group {id} is {status} and takes no account.",
    "trading.md §7.3, inferred; LOCKED: trading.md §7.2 [D]",
)
NOT_A_MEMBER: Final = Rule(
    "account.member",
    404,
    "There is no account group {group_id} of {what} {owner_id}.",
    "trading.md §7.3 [N] for JOINT, else inferred",
)
OWNER_PENDING: Final = Rule(
    "account.joint-owner-pending",
    404,
    "The role of user {user_id} in the JOINT account group {group_id} is not active; wait for ROLE.ACTIVATED.",
    "trading.md §7.3 [N]",
)

# Roles (payments.md §14, trading.md §7.1). No 404 is documented on POST /roles.
ROLE_ENTITY_UNKNOWN: Final = Rule(
    "role.entity-unknown", 400, "(root).entity_id: there is no {what} {id}.", "payments.md §14, inferred"
)
ROLE_USER_UNKNOWN: Final = Rule(
    "role.user-unknown", 400, "(root).user_id: there is no user {id}.", "payments.md §14, inferred"
)
ROLE_GROUP_CLOSES: Final = Rule(
    "role.group-closing",
    400,
    "(root).entity_id: account group {id} is {status} and takes no further member.",
    "payments.md §14, inferred",
)
ROLE_NOT_FOR_TYPE: Final = Rule(
    "role.group-type",
    400,
    "(root).role_type: {role} is given in account groups of the type {wanted}; {id} is {type}.",
    "trading.md §7.1 [N], code inferred",
)
ROLE_THIRD_OWNER: Final = Rule(
    "role.third-owner",
    400,
    "The JOINT account group {id} has its two owners already.",
    "trading.md §7.1 [N], code inferred",
)
ROLE_HELD: Final = Rule(
    "role.held",
    400,
    "(root).user_id: user {user_id} is {role} of {what} {id} already.",
    "payments.md §14, inferred",
)
ROLE_SOLE_TRADER: Final = Rule(
    "role.sole-trader",
    400,
    "(root).role_type: SOLE_TRADER is a role in a business of the type SOLE_TRADER; {id} is a {type}.",
    "payments.md §14.3, inferred",
)
ROLE_CUSTODY: Final = Rule(
    "role.custody", 400, "(root).custody_type: it is for the role_type GUARDIAN.", "payments.md §14, inferred"
)
