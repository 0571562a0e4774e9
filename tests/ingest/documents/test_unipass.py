"""Korean cargo tracking, read and written; and XML that means harm."""

from datetime import UTC, datetime

import pytest

from ingest.documents.problems import DocumentRefusedError
from ingest.documents.unipass import CARGO, ROOT, STEP, write_unipass
from tests.ingest.documents.interchanges import complaints, taken

STEPS = (
    ("입항적하목록 심사완료", "20261120090000", "STEP"),
    ("하선신고 수리", "20261120100000", "DISC"),
    ("반입신고", "2026-11-20 11:00:00", "GTIN"),
    ("수입신고", "20261121090000", "SUBM"),
    ("수입신고수리", "20261121100000", "RELS"),
    ("반출신고", "20261121110000", "GTOT"),
)
ANSWER = f"""<?xml version="1.0" encoding="UTF-8"?>
<{ROOT}><ntceInfo/><tCnt>1</tCnt><{CARGO}>
<cargMtNo>26HXLX083N59007001</cargMtNo><mblNo>HXLM0001</mblNo><hblNo>HXLB0001</hblNo>
<cntrNo>HDMU2197204</cntrNo><cntrGcnt>1</cntrGcnt><shipNm>BLUE CEDAR</shipNm><vydf>026E</vydf>
<etprDt>20261120</etprDt><ldprCd>EGALY</ldprCd><dsprCd>KRPUS</dsprCd><prnm>COTTON</prnm>
<pckGcnt>20</pckGcnt><pckUt>PE</pckUt><ttwg>1234.5</ttwg><wghtUt>KG</wghtUt>
<csclPrgsStts>수입신고수리</csclPrgsStts><prgsStts>반출완료</prgsStts><mtTrgtCargYnNm>N</mtTrgtCargYnNm>
</{CARGO}>{"".join(f"<{STEP}><cargTrcnRelaBsopTpcd>{said}</cargTrcnRelaBsopTpcd><prcsDttm>{at}</prcsDttm><shedSgn>03012345</shedSgn></{STEP}>" for said, at, _ in STEPS)}</{ROOT}>"""  # noqa: E501 - as the service sends it


def test_an_answer_is_a_bill_with_its_steps() -> None:
    """Times are of Korea; what a step is nearest to in DCSA's words is its code."""
    document = taken(ANSWER.encode())
    (cargo,) = document.manifests
    (bill,) = cargo.consignments
    assert complaints(document) == []
    assert (bill.bill, bill.master_bill, bill.gross_kg) == ("HXLB0001", "HXLM0001", 1_234.5)
    assert dict(bill.references)["cargo number"] == "26HXLX083N59007001"
    assert [event.code for event in cargo.events] == [code for _, _, code in STEPS]
    assert [event.note for event in cargo.events] == [said for said, _, _ in STEPS]
    assert cargo.events[2].at == datetime(2026, 11, 20, 2, tzinfo=UTC)
    assert cargo.calls[0].arrival_actual == datetime(2026, 11, 19, 15, tzinfo=UTC)
    assert cargo.containers == ("HDMU2197204",)


def test_an_answer_goes_out_as_it_came() -> None:
    """All that is read is written."""
    (cargo,) = taken(ANSWER.encode()).manifests
    assert taken(write_unipass(cargo)).manifests == (cargo,)


def test_several_cargoes_are_several_manifests() -> None:
    """One master bill may cover them."""
    both = ANSWER.replace(f"</{CARGO}>", f"</{CARGO}><{CARGO}><mblNo>HXLM0002</mblNo></{CARGO}>", 1)
    cargoes = taken(both.encode()).manifests
    assert [one.consignments[0].bill for one in cargoes] == ["HXLB0001", "HXLM0002"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            f"<{ROOT}><tCnt>0</tCnt><ntceInfo>[N00] none</ntceInfo></{ROOT}>",
            "no cargo .'.N00. none",
        ),
        ("<html><body/></html>", "XML of another kind: 'html'"),
        (ANSWER[:-5], "no XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "refused as an attack"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "refused as an attack"),
        (f"<{ROOT}>{'<a>' * 50}{'</a>' * 50}</{ROOT}>", "nested more than 20 deep"),
        (f"<{ROOT}>{'<a/>' * 100_001}</{ROOT}>", "more than 100000 elements"),
        ('<?xml version="1.0" encoding="nonsense"?><a/>', "no XML"),
    ],
    ids=range(8),
)
def test_other_xml_is_refused(content: str, reason: str) -> None:
    """Nothing of it is taken, and nothing outside of it is read."""
    with pytest.raises(DocumentRefusedError, match=reason):
        taken(content.encode())
