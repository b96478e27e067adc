"""The two versions of signatures (concepts.md §2.1): which draft, how names are written, where the digest stands."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.frozen import frozen

HEADER: Final = "upvest-signature-version"


@frozen
class Version:
    """How one version is written."""

    number: int
    draft: str
    quoted: bool
    """Whether the names in the signature base stand in quotes: in version 6 they do not, against its own draft."""
    digest_header: str
    algorithm: str
    """Of the digest, as the header names it."""
    hash: str
    """The same, as ``hashlib`` names it."""

    def name(self, component: str) -> str:
        """The name of a component at the beginning of its line of the signature base."""
        return f'"{component}"' if self.quoted else component

    @property
    def other(self) -> Version:
        """The version that this one is mixed up with."""
        return V6 if self is V15 else V15


V15: Final = Version(15, "draft 15", True, "content-digest", "sha-512", "sha512")
V6: Final = Version(6, "draft 06", False, "digest", "SHA-256", "sha256")

BY_HEADER: Final[dict[str | None, Version]] = {
    None: V6,  # [D]
    "15": V15,  # [D]
    "6": V6,  # unpublished; accepted, since it says what is the default: inferred
}
"""The version by the header ``upvest-signature-version``."""
