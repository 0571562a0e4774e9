"""A container that nobody has declared is found, if it comes to us."""

from datetime import date

import pytest
from msgspec.structs import replace

from analytics.crosscheck.check import findings
from analytics.crosscheck.facts import Observed, observe
from analytics.crosscheck.reasons import Code
from analytics.crosscheck.unclaimed import unclaimed
from haechi.findings import Severity
from tests.analytics.crosscheck.sightings import OBSERVED
from tests.haechi.aci.cargo import CONTAINER
from tests.haechi.aci.test_policy import NOW, POLICIES

POLICY = POLICIES.at(NOW)
LISTED = observe(Observed(), *OBSERVED.manifest)


@pytest.mark.statement("N6", "9.1")
def test_a_container_in_no_shipment_may_not_be_loaded_and_is_worse_if_it_is() -> None:
    """On the list it is NO_ACID; the terminal's report makes it LOADED_WITHOUT_ACID."""
    (listed,) = unclaimed(LISTED, (), POLICY)
    (loaded,) = unclaimed(OBSERVED, (), POLICY)
    assert (listed.code, loaded.code) == (Code.NO_ACID, Code.LOADED_WITHOUT_ACID)
    assert loaded.severity is Severity.CRITICAL
    (found,) = findings((loaded,))
    assert found.subject == f"container:{CONTAINER}"


@pytest.mark.statement("N6", "9.1")
def test_declared_containers_and_those_bound_elsewhere_are_none_of_our_business() -> None:
    """Nor is anything before the law."""
    elsewhere = replace(OBSERVED.manifest[0], discharge_port="GRPIR")
    assert unclaimed(OBSERVED, {CONTAINER}, POLICY) == ()
    assert unclaimed(replace(LISTED, manifest=(elsewhere,)), (), POLICY) == ()
    assert unclaimed(OBSERVED, (), POLICIES.at(date(2021, 3, 31))) == ()
    (warned,) = unclaimed(OBSERVED, (), POLICIES.at(date(2021, 5, 1)))
    assert warned.severity is Severity.WARNING
