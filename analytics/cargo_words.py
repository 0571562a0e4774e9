"""The cross-check in plain words: titles, sentences and first steps in English, Korean, Arabic."""

from typing import Final

Row = tuple[str, str, str]

SOURCES: Final[dict[str, Row]] = {
    "declaration": ("declaration", "신고", "البيان الجمركي"),
    "voyage": ("declared voyage", "항차 신고", "الرحلة المعلنة"),
    "policy": ("rule", "규정", "القاعدة"),
    "customs": ("customs", "세관", "الجمارك"),
    "ais": ("AIS", "AIS", "AIS"),
    "manifest": ("manifest", "적하목록", "المانيفست"),
    "carrier": ("carrier", "운송인", "الناقل"),
    "terminal": ("terminal", "터미널", "محطة الحاويات"),
    "seal": ("electronic seal", "전자봉인", "الختم الإلكتروني"),
    "gate": ("gate", "게이트", "البوابة"),
    "scale": ("scale", "계량소", "الميزان"),
    "document": ("document", "서류", "المستند"),
}

TITLES: Final[dict[str, Row]] = {
    "no_acid": (
        "listed without a valid ACID",
        "유효한 ACID 없이 적하목록에 등재",
        "مدرجة في المانيفست دون رقم ACID سارٍ",
    ),
    "loaded_without_acid": (
        "loaded without a valid ACID",
        "유효한 ACID 없이 선적",
        "شُحنت دون رقم ACID سارٍ",
    ),
    "vessel_mismatch": (
        "another vessel than declared",
        "신고와 다른 선박",
        "السفينة غير مطابقة للبيان",
    ),
    "voyage_mismatch": (
        "another voyage than declared",
        "신고와 다른 항차",
        "الرحلة غير مطابقة للبيان",
    ),
    "load_port_mismatch": (
        "another port of loading",
        "신고와 다른 적재항",
        "ميناء الشحن غير مطابق للبيان",
    ),
    "discharge_port_mismatch": (
        "another port of discharge",
        "신고와 다른 양륙항",
        "ميناء التفريغ غير مطابق للبيان",
    ),
    "departed_without_acid": (
        "departed before the ACID was issued",
        "ACID 발급 전 출항",
        "غادرت قبل إصدار رقم ACID",
    ),
    "acid_withdrawn": ("ACID withdrawn", "ACID 효력 취소", "أُلغي رقم ACID"),
    "departed_too_soon": (
        "departed too soon after filing",
        "신고 후 최소 시간 경과 전 출항",
        "غادرت قبل انقضاء المهلة بعد التقديم",
    ),
    "amended_after_departure": ("changed after departure", "출항 후 정정", "تعديل بعد المغادرة"),
    "undeclared_call": ("undeclared port call", "미신고 기항", "رسو في ميناء غير معلن"),
    "meeting_at_sea": (
        "met another vessel at sea",
        "해상에서 다른 선박과 접선",
        "التقاء بسفينة أخرى في عرض البحر",
    ),
    "eta_slip": ("later than declared", "신고 대비 입항 지연", "تأخر الوصول عن الموعد المعلن"),
    "seal_not_on_bill": (
        "another seal than declared",
        "신고와 다른 봉인",
        "الختم غير مطابق للبيان",
    ),
    "seal_opened_at_sea": ("seal opened at sea", "해상에서 봉인 개봉", "فتح الختم في البحر"),
    "weight_mismatch": (
        "another weight than declared",
        "신고와 다른 중량",
        "الوزن غير مطابق للبيان",
    ),
    "landed_short": (
        "less landed than declared",
        "신고 대비 양륙 부족",
        "عجز في التفريغ عن المعلن",
    ),
    "to_order_notify": (
        "to order, and the importer is not notified",
        "지시식 선하증권의 통지처가 수입자가 아님",
        "بوليصة لأمر وجهة الإخطار ليست المستورد",
    ),
    "container_number": ("wrong container number", "컨테이너 번호 오류", "رقم حاوية غير صحيح"),
    "document_reused": (
        "document used under another ACID",
        "다른 ACID에 이미 사용된 서류",
        "مستند مستخدم في رقم ACID آخر",
    ),
    "tax_number_mismatch": (
        "importer differs from the ACID",
        "ACID와 다른 수입자",
        "المستورد لا يطابق رقم ACID",
    ),
    "carrier_importer_mismatch": (
        "carrier holds another importer",
        "운송인이 신고한 수입자와 불일치",
        "المستورد لدى الناقل غير مطابق",
    ),
    "acid_expired": (
        "ACID expired at loading",
        "선적 시점에 ACID 만료",
        "رقم ACID منتهي الصلاحية عند الشحن",
    ),
}
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

ADVICE: Final[dict[str, Row]] = {
    "no_acid": _REFUSE,
    "loaded_without_acid": _REFUSE,
    "vessel_mismatch": _CARRIER,
    "voyage_mismatch": _CARRIER,
    "load_port_mismatch": _CARRIER,
    "discharge_port_mismatch": _CARRIER,
    "departed_without_acid": _REFUSE,
    "acid_withdrawn": _REFUSE,
    "departed_too_soon": _PAPERS,
    "amended_after_departure": _PAPERS,
    "undeclared_call": _WATCH,
    "meeting_at_sea": _WATCH,
    "eta_slip": _WATCH,
    "seal_not_on_bill": _HOLD,
    "seal_opened_at_sea": _HOLD,
    "weight_mismatch": _HOLD,
    "landed_short": _CARRIER,
    "to_order_notify": _PAPERS,
    "container_number": _MEND,
    "document_reused": _PAPERS,
    "tax_number_mismatch": _PAPERS,
    "carrier_importer_mismatch": _CARRIER,
    "acid_expired": _REFUSE,
}
"""What an officer does first."""

CARGO_WORDS: Final[dict[str, tuple[Row, Row]]] = {
    code: (TITLES[code], ADVICE[code]) for code in TITLES
}
"""Kinds of findings with what they are called and what to do."""

CARGO_SENTENCES: Final[dict[str, Row]] = {
    "cargo_reason": (
        "{title}: {declared_by} says {declared}, {observed_by} says {observed}",
        "{title}: {declared_by}에는 {declared}, {observed_by}에는 {observed}",
        "{title}: {declared_by}: {declared}، {observed_by}: {observed}",
    ),
    "cargo_about": ("{about}: {title}", "{about}: {title}", "{about}: {title}"),
    "cargo_more": (
        "{said}, and {more} more",
        "{said}, 그 밖에 {more}건",
        "{said}، وعدد الحالات الأخرى {more}",
    ),
    **{f"check.{code}": title for code, title in TITLES.items()},
    **{f"source.{source}": row for source, row in SOURCES.items()},
}
"""What is said of a disagreement, by key; see ``analytics.sentences``."""
