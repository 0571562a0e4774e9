"""The cross-check in plain words: titles, sentences and first steps in English, Korean, Arabic."""

from typing import Final

from analytics.crosscheck.facts import Source
from analytics.crosscheck.reasons import Code, Reason

Row = tuple[str, str, str]

SOURCES: Final[dict[Source, Row]] = {
    Source.DECLARATION: ("declaration", "신고", "البيان الجمركي"),
    Source.VOYAGE: ("declared voyage", "항차 신고", "الرحلة المعلنة"),
    Source.POLICY: ("rule", "규정", "القاعدة"),
    Source.CUSTOMS: ("customs", "세관", "الجمارك"),
    Source.AIS: ("AIS", "AIS", "AIS"),
    Source.MANIFEST: ("manifest", "적하목록", "المانيفست"),
    Source.CARRIER: ("carrier", "운송인", "الناقل"),
    Source.TERMINAL: ("terminal", "터미널", "محطة الحاويات"),
    Source.SEAL: ("electronic seal", "전자봉인", "الختم الإلكتروني"),
    Source.GATE: ("gate", "게이트", "البوابة"),
    Source.SCALE: ("scale", "계량소", "الميزان"),
    Source.DOCUMENT: ("document", "서류", "المستند"),
}

TITLES: Final[dict[Code, Row]] = {
    Code.NO_ACID: ("listed without a valid ACID", "유효한 ACID 없이 적하목록에 등재",
                   "مدرجة في المانيفست دون رقم ACID سارٍ"),
    Code.LOADED_WITHOUT_ACID: ("loaded without a valid ACID", "유효한 ACID 없이 선적",
                               "شُحنت دون رقم ACID سارٍ"),
    Code.VESSEL_MISMATCH: ("another vessel than declared", "신고와 다른 선박",
                           "السفينة غير مطابقة للبيان"),
    Code.VOYAGE_MISMATCH: ("another voyage than declared", "신고와 다른 항차",
                           "الرحلة غير مطابقة للبيان"),
    Code.LOAD_PORT_MISMATCH: ("another port of loading", "신고와 다른 적재항",
                              "ميناء الشحن غير مطابق للبيان"),
    Code.DISCHARGE_PORT_MISMATCH: ("another port of discharge", "신고와 다른 양륙항",
                                   "ميناء التفريغ غير مطابق للبيان"),
    Code.DEPARTED_WITHOUT_ACID: ("departed before the ACID was issued", "ACID 발급 전 출항",
                                 "غادرت قبل إصدار رقم ACID"),
    Code.ACID_WITHDRAWN: ("ACID withdrawn", "ACID 효력 취소", "أُلغي رقم ACID"),
    Code.DEPARTED_TOO_SOON: ("departed too soon after filing", "신고 후 최소 시간 경과 전 출항",
                             "غادرت قبل انقضاء المهلة بعد التقديم"),
    Code.AMENDED_AFTER_DEPARTURE: ("changed after departure", "출항 후 정정",
                                   "تعديل بعد المغادرة"),
    Code.UNDECLARED_CALL: ("undeclared port call", "미신고 기항", "رسو في ميناء غير معلن"),
    Code.MEETING_AT_SEA: ("met another vessel at sea", "해상에서 다른 선박과 접선",
                          "التقاء بسفينة أخرى في عرض البحر"),
    Code.ETA_SLIP: ("later than declared", "신고 대비 입항 지연", "تأخر الوصول عن الموعد المعلن"),
    Code.SEAL_NOT_ON_BILL: ("another seal than declared", "신고와 다른 봉인",
                            "الختم غير مطابق للبيان"),
    Code.SEAL_OPENED_AT_SEA: ("seal opened at sea", "해상에서 봉인 개봉", "فتح الختم في البحر"),
    Code.WEIGHT_MISMATCH: ("another weight than declared", "신고와 다른 중량",
                           "الوزن غير مطابق للبيان"),
    Code.LANDED_SHORT: ("less landed than declared", "신고 대비 양륙 부족",
                        "عجز في التفريغ عن المعلن"),
    Code.TO_ORDER_NOTIFY: ("to order, and the importer is not notified",
                           "지시식 선하증권의 통지처가 수입자가 아님",
                           "بوليصة لأمر وجهة الإخطار ليست المستورد"),
    Code.CONTAINER_NUMBER: ("wrong container number", "컨테이너 번호 오류",
                            "رقم حاوية غير صحيح"),
    Code.DOCUMENT_REUSED: ("document used under another ACID", "다른 ACID에 이미 사용된 서류",
                           "مستند مستخدم في رقم ACID آخر"),
    Code.TAX_NUMBER_MISMATCH: ("importer differs from the ACID", "ACID와 다른 수입자",
                               "المستورد لا يطابق رقم ACID"),
    Code.CARRIER_IMPORTER_MISMATCH: ("carrier holds another importer",
                                     "운송인이 신고한 수입자와 불일치",
                                     "المستورد لدى الناقل غير مطابق"),
    Code.ACID_EXPIRED: ("ACID expired at loading", "선적 시점에 ACID 만료",
                        "رقم ACID منتهي الصلاحية عند الشحن"),
}  # fmt: skip
"""A few words for each code, for lists."""

_HOLD: Final = (
    "Hold the container at discharge and look at it with its papers.",
    "양륙 시 컨테이너 반출을 보류하고 서류와 대조하십시오.",
    "تحفّظ على الحاوية عند التفريغ وعاينها مع مستنداتها.",
)
_CARRIER: Final = (
    "Ask the carrier which is right; until then it is not released.",
    "어느 쪽이 맞는지 운송인에게 확인하고 그때까지 반출을 보류하십시오.",
    "اسأل الناقل أيهما الصحيح، ولا إفراج حتى ذلك.",
)
_REFUSE: Final = (
    "Tell the carrier not to load, or to take it back at the shipper's cost.",
    "운송인에게 선적 거부 또는 송하인 부담 반송을 통보하십시오.",
    "أبلغ الناقل بعدم الشحن أو بإعادتها على نفقة الشاحن.",
)
_WATCH: Final = (
    "Look at the track, ask the vessel, and mark her cargo for inspection.",
    "항적을 확인하고 선박에 문의한 뒤 화물을 검사 대상으로 지정하십시오.",
    "انظر المسار واسأل السفينة وحدد بضاعتها للمعاينة.",
)
_PAPERS: Final = (
    "Compare the papers with the declaration, and ask the importer.",
    "서류를 신고와 대조하고 수입자에게 문의하십시오.",
    "طابق المستندات بالبيان الجمركي واسأل المستورد.",
)
_MEND: Final = (
    "Have the number checked against the box and corrected.",
    "번호를 실물과 대조하여 정정하게 하십시오.",
    "اطلب مطابقة الرقم مع الحاوية وتصحيحه.",
)

ADVICE: Final[dict[Code, Row]] = {
    Code.NO_ACID: _REFUSE,
    Code.LOADED_WITHOUT_ACID: _REFUSE,
    Code.VESSEL_MISMATCH: _CARRIER,
    Code.VOYAGE_MISMATCH: _CARRIER,
    Code.LOAD_PORT_MISMATCH: _CARRIER,
    Code.DISCHARGE_PORT_MISMATCH: _CARRIER,
    Code.DEPARTED_WITHOUT_ACID: _REFUSE,
    Code.ACID_WITHDRAWN: _REFUSE,
    Code.DEPARTED_TOO_SOON: _PAPERS,
    Code.AMENDED_AFTER_DEPARTURE: _PAPERS,
    Code.UNDECLARED_CALL: _WATCH,
    Code.MEETING_AT_SEA: _WATCH,
    Code.ETA_SLIP: _WATCH,
    Code.SEAL_NOT_ON_BILL: _HOLD,
    Code.SEAL_OPENED_AT_SEA: _HOLD,
    Code.WEIGHT_MISMATCH: _HOLD,
    Code.LANDED_SHORT: _CARRIER,
    Code.TO_ORDER_NOTIFY: _PAPERS,
    Code.CONTAINER_NUMBER: _MEND,
    Code.DOCUMENT_REUSED: _PAPERS,
    Code.TAX_NUMBER_MISMATCH: _PAPERS,
    Code.CARRIER_IMPORTER_MISMATCH: _CARRIER,
    Code.ACID_EXPIRED: _REFUSE,
}
"""What an officer does first."""

_SENTENCE: Final = (
    "{title}: {declared_by} says {declared}, {observed_by} says {observed}",
    "{title}: {declared_by}에는 {declared}, {observed_by}에는 {observed}",
    "{title}: {declared_by}: {declared}، {observed_by}: {observed}",
)

CARGO_WORDS: Final[dict[str, tuple[Row, Row]]] = {
    code.value: (TITLES[code], ADVICE[code]) for code in Code
}
"""Kinds of findings with what they are called and what to do."""


def sentence(reason: Reason) -> Row:
    """Return the reason in one plain sentence of each language."""
    english, korean, arabic = (_sentence(reason, language) for language in range(3))
    return (english, korean, arabic)


def _sentence(reason: Reason, language: int) -> str:
    title = TITLES[reason.code][language]
    return _SENTENCE[language].format(
        title=f"{reason.about}: {title}" if reason.about else title,
        declared_by=SOURCES[reason.declared.source][language],
        declared=reason.declared.value,
        observed_by=SOURCES[reason.observed.source][language],
        observed=reason.observed.value,
    )
