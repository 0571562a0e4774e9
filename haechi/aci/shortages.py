"""What a shortage at the port of discharge costs by law, as a proposal for an officer."""

from decimal import Decimal

from msgspec import Struct

from haechi.aci.policy import Policy


class Proposal(Struct, frozen=True, kw_only=True):
    """What would have to be paid; nothing is charged until an officer has found negligence."""

    missing: Decimal
    """Quantity that was on the manifest and did not land."""
    exposed_duty: Decimal
    """Customs duty on what is missing."""
    other_taxes: Decimal
    """Other taxes due on what is missing."""
    fine: Decimal
    payable: Decimal
    """Duty, other taxes and fine together."""
    legal_ref: str
    is_negligent_unjustified: bool = False
    """What only an officer sets."""

    @property
    def charged(self) -> Decimal:
        """What is to be paid as things stand."""
        return self.payable if self.is_negligent_unjustified else Decimal(0)


def shortage(
    policy: Policy,
    *,
    declared: Decimal,
    landed: Decimal,
    duty: Decimal,
    other_taxes: Decimal = Decimal(0),
) -> Proposal | None:
    """Return the proposal for goods that landed short, ``None`` if they did not.

    Args:
        policy: The rules of its day.
        declared: Quantity on the manifest.
        landed: Quantity that was discharged, in the same unit.
        duty: Customs duty on the whole declared quantity.
        other_taxes: All other taxes due on the whole declared quantity.

    Source:
        Customs Law 207/2020 art. 73: half of the customs duty exposed to loss, besides the duty
        and taxes due.
    """
    penalty = policy.penalties.get("SHORTAGE")
    if penalty is None or landed >= declared:
        return None
    share = (declared - landed) / declared
    exposed, taxes = duty * share, other_taxes * share
    fine = exposed * penalty.share_of_exposed_duty
    return Proposal(
        missing=declared - landed,
        exposed_duty=exposed,
        other_taxes=taxes,
        fine=fine,
        payable=exposed + taxes + fine,
        legal_ref=penalty.legal_ref,
    )
