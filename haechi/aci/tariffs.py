"""What filing documents costs under the tariff of the day."""

from haechi.aci.policy_tables import TariffRow


def document_credits(tariff: TariffRow, documents: int, *, before: int = 0) -> int:
    """Return what ``documents`` more files cost, ``before`` of the same ACID being paid already."""
    return _capped(tariff, before + documents) - _capped(tariff, before)


def filing_credits(tariff: TariffRow, documents: int, *, before: int = 0) -> int:
    """Return what an envelope costs; filing the same ACID again costs no second filing fee."""
    once = 0 if before else tariff.filing_credits
    return once + document_credits(tariff, documents, before=before)


def _capped(tariff: TariffRow, documents: int) -> int:
    full = documents * tariff.document_credits
    cap = tariff.document_cap_credits
    return full if cap is None else min(full, cap)
