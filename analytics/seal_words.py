"""What rules about seals find and what an operator does first: English, Korean, Arabic."""

from typing import Final

Row = tuple[str, str, str]

_HOLD: Final = (
    "Hold it where it is, look with camera or drone, send the nearest unit. Keep the seal.",
    "현 위치에 정지시키고 카메라·드론으로 확인한 뒤 가까운 순찰조를 보내고 봉인을 보존하십시오.",
    "أوقفها في مكانها وعاين بالكاميرا أو الطائرة وأرسل أقرب وحدة، واحتفظ بالختم.",
)
_IN_HAND: Final = (
    "Trust no report of this seal. Hold it at the next gate and compare it with its papers.",
    "이 봉인의 보고를 믿지 말고 다음 게이트에서 정지시켜 서류와 대조하십시오.",
    "لا تثق بأي بلاغ من هذا الختم، وأوقفه عند البوابة التالية وقارنه بأوراقه.",
)
_ON_AIR: Final = (
    "Somebody is on the air near the gateway named. Tell the field engineer; look around there.",
    "해당 게이트웨이 근처에서 누군가 전파를 쓰고 있으니 현장 기술자에게 알리고 주변을 살피십시오.",
    "هناك من يبث قرب وحدة الاستقبال المذكورة: أبلغ المهندس الميداني وعاين المكان.",
)
_ENGINEER: Final = (
    "Tell the field engineer; have the seal checked at the next stop.",
    "현장 기술자에게 알리고 다음 정차지에서 봉인을 점검하게 하십시오.",
    "أبلغ المهندس الميداني واطلب فحص الختم عند المحطة التالية.",
)
_PAPERS: Final = (
    "Compare seal, container and shipment with the declaration; hold it at the gate until clear.",
    "봉인·컨테이너·화물을 신고서와 대조하고 확인될 때까지 게이트에서 보류하십시오.",
    "قارن الختم والحاوية والشحنة بالبيان، وأوقفها عند البوابة حتى يتضح الأمر.",
)

SEAL_WORDS: Final[dict[str, tuple[Row, Row]]] = {
    "seal_opened": (("seal opened", "봉인 개봉", "فتح الختم"), _HOLD),
    "seal_disarmed": (
        ("seal disarmed without order", "지시 없는 봉인 해제", "تعطيل الختم دون أمر"),
        _HOLD,
    ),
    "seal_tampering": (("seal tampered with", "봉인 훼손", "عبث بالختم"), _HOLD),
    "seal_removed": (("seal taken off", "봉인 제거", "نزع الختم"), _HOLD),
    "seal_power_cut": (("seal lost its power", "봉인 전원 차단", "انقطاع طاقة الختم"), _HOLD),
    "seal_clone": (("seal cloned", "봉인 복제", "استنساخ الختم"), _IN_HAND),
    "seal_rollback": (
        ("seal put back in time", "봉인 기록 되돌림", "إرجاع الختم إلى حالة سابقة"),
        _IN_HAND,
    ),
    "seal_forged": (("forged seal frames", "위조된 봉인 신호", "إشارات ختم مزورة"), _ON_AIR),
    "seal_unknown": (
        ("unknown seal", "미등록 봉인", "ختم غير معروف"),
        (
            "If it is ours, put its key in the gateway's file. If not, find out whose it is.",
            "우리 봉인이면 게이트웨이 파일에 키를 넣고, 아니면 누구의 것인지 확인하십시오.",
            "إن كان لنا فأضف مفتاحه إلى ملف وحدة الاستقبال، وإلا فتحقق لمن هو.",
        ),
    ),
    "seal_replay": (("seal frames replayed", "봉인 신호 재전송", "إعادة بث إشارات الختم"), _ON_AIR),
    "seal_order_refused": (
        ("seal order refused", "봉인 지시 거부", "رفض أمر للختم"),
        (
            "Find out who uses that device. If it is not the registry, revoke it.",
            "누가 그 장치를 쓰는지 확인하고, 등록소가 아니면 장치를 폐기하십시오.",
            "تحقق ممن يستخدم هذا الجهاز، وإن لم يكن السجل فألغِ اعتماده.",
        ),
    ),
    "seal_mismatch": (("seal on the wrong cargo", "봉인 불일치", "ختم لا يطابق الشحنة"), _PAPERS),
    "seal_unbound": (
        ("seal armed without declaration", "신고 없이 봉인 작동", "تفعيل ختم دون بيان"),
        _PAPERS,
    ),
    "seal_left_vessel": (
        ("sealed container left its ship", "봉인 컨테이너 선박 이탈", "حاوية مختومة غادرت سفينتها"),
        _HOLD,
    ),
    "vessel_without_seal": (
        ("ship sailed without the seal", "봉인 없이 출항", "أبحرت السفينة دون الختم"),
        (
            "Look where the seal says it is; ask the vessel what she has aboard.",
            "봉인이 알린 위치를 확인하고 선박에 적재 화물을 확인하십시오.",
            "عاين الموضع الذي يبلغه الختم واسأل السفينة عما تحمله.",
        ),
    ),
    "seal_log_gap": (("seal log has a gap", "봉인 기록 누락", "فجوة في سجل الختم"), _ENGINEER),
    "seal_clock_fault": (("seal clock wrong", "봉인 시계 오류", "خطأ في ساعة الختم"), _ENGINEER),
    "seal_silent": (
        ("seal silent", "봉인 신호 끊김", "انقطاع إشارة الختم"),
        (
            "Check whether its gateway hears others. If it does, call the driver or the vessel.",
            "게이트웨이가 다른 봉인을 수신하는지 보고, 수신하면 운전자나 선박을 호출하십시오.",
            "تحقق هل تلتقط وحدة الاستقبال أختامًا أخرى، فإن التقطت فاتصل بالسائق أو السفينة.",
        ),
    ),
    "seal_jammed": (("seal jammed", "봉인 전파 방해", "تشويش على الختم"), _ON_AIR),
    "seal_battery_low": (("seal battery low", "봉인 배터리 부족", "بطارية الختم ضعيفة"), _ENGINEER),
    "seal_temperature": (
        ("seal too cold or too warm", "봉인 온도 이상", "حرارة الختم غير طبيعية"),
        (
            "Call the driver or the vessel: cooling may have failed, or there is a fire.",
            "운전자나 선박을 호출하십시오. 냉동 고장이나 화재일 수 있습니다.",
            "اتصل بالسائق أو السفينة: ربما تعطل التبريد أو شب حريق.",
        ),
    ),
}
"""By kind of finding: what it is, and the first thing to do."""
