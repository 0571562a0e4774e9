"""The fixed words of messages to people, in each language that operators can choose."""

from enum import StrEnum
from typing import Final

from analytics.cargo_words import CARGO_WORDS
from analytics.seal_words import SEAL_WORDS
from haechi.alarms import Signal
from haechi.findings import Severity


class Language(StrEnum):
    """Languages, in the order of the columns below."""

    ENGLISH = "en"
    KOREAN = "ko"
    ARABIC = "ar"


class Label(StrEnum):
    """Words around what the rules say."""

    WHAT = "what"
    WHO = "who"
    WHERE = "where"
    WHEN = "when"
    DO = "do"
    REFERENCE = "reference"
    LATE = "late"
    UNPLACED = "unplaced"
    UNSENT = "unsent"
    TEST = "test"
    MORE = "more"
    TOGETHER = "together"
    SUCH_AS = "such as"
    UNZONED = "unzoned"
    OTHERS = "others"
    LOOK = "look"


Row = tuple[str, str, str]

SIGNALS: Final[dict[Signal, Row]] = {
    Signal.OPENED: ("New alarm", "새 경보", "إنذار جديد"),
    Signal.CHANGED: ("Revised", "내용 변경", "تم التعديل"),
    Signal.WORSENED: ("More urgent", "긴급도 상승", "أصبح أشد خطورة"),
    Signal.EASED: ("Less urgent", "긴급도 하락", "أصبح أقل خطورة"),
    Signal.ENDED: ("Condition over", "상황 종료", "انتهت الحالة"),
    Signal.RETRACTED: (
        "Withdrawn: late data refute it",
        "판정 취소: 늦게 수신된 자료와 불일치",
        "سُحب: خالفته بيانات وصلت متأخرة",
    ),
    Signal.ACKNOWLEDGED: ("Acknowledged", "확인됨", "تم الاطلاع"),
    Signal.CLEARED: ("Cleared", "종결됨", "تم الإنهاء"),
    Signal.SHELVED: ("Shelved", "보류됨", "تم التأجيل"),
    Signal.UNSHELVED: ("Back from the shelf", "보류 해제", "أُنهي التأجيل"),
    Signal.ASSIGNED: ("Assigned", "담당 지정", "تم التكليف"),
    Signal.COMMENTED: ("Comment", "메모", "ملاحظة"),
    Signal.QUIET: ("Cleared: quiet since", "종결: 재발 없음", "انتهى: لم يتكرر"),
    Signal.PERSISTED: ("Cleared, but still going on", "종결했으나 계속됨", "أُنهي وما زال مستمرًا"),
    Signal.SHELF_EXPIRED: (
        "Shelf over, still active",
        "보류 종료, 계속됨",
        "انتهى التأجيل وما زال نشطًا",
    ),
}

SEVERITIES: Final[dict[Severity, Row]] = {
    Severity.CRITICAL: ("CRITICAL", "심각", "حرج"),
    Severity.MAJOR: ("MAJOR", "중대", "كبير"),
    Severity.MINOR: ("MINOR", "경미", "طفيف"),
    Severity.WARNING: ("WARNING", "주의", "تحذير"),
    Severity.INDETERMINATE: ("INDETERMINATE", "미정", "غير محدد"),
}

LABELS: Final[dict[Label, Row]] = {
    Label.WHAT: ("What", "내용", "ماذا"),
    Label.WHO: ("Who", "대상", "من"),
    Label.WHERE: ("Where", "위치", "أين"),
    Label.WHEN: ("When", "시각", "متى"),
    Label.DO: ("Do", "조치", "الإجراء المطلوب"),
    Label.REFERENCE: ("Reference", "참조 번호", "المرجع"),
    Label.LATE: (
        "reported {minutes} min later",
        "{minutes}분 뒤 보고됨",
        "أُبلغ عنه بعد {minutes} دقيقة",
    ),
    Label.UNPLACED: ("position unknown", "위치 불명", "الموقع غير معروف"),
    Label.UNSENT: (
        "Channel {channel} did not take this after {attempts} attempts: tell the field engineer.",
        "{channel} 채널이 {attempts}회 시도 후에도 받지 않음: 현장 기술자에게 알리십시오.",
        "لم تستقبل القناة {channel} هذه الرسالة بعد {attempts} محاولات: أبلغ المهندس الميداني.",
    ),
    Label.TEST: (
        "This is a test. Nothing happened; do nothing.",
        "시험 메시지입니다. 아무 일도 없으니 조치하지 마십시오.",
        "هذه رسالة تجريبية. لم يحدث شيء؛ لا تفعل شيئًا.",
    ),
    Label.MORE: ("More alarms: {count}", "추가 경보 {count}건", "إنذارات أخرى: {count}"),
    Label.TOGETHER: (
        "{count} alarms that began or became more urgent at nearly the same time: {kinds}",
        "거의 동시에 발생하거나 긴급도가 오른 경보 {count}건: {kinds}",
        "إنذارات بدأت أو اشتدت في وقت متقارب، وعددها {count}: {kinds}",
    ),
    Label.SUCH_AS: ("such as {names}", "{names} 등", "منها {names}"),
    Label.UNZONED: ("outside of zones", "구역 밖", "خارج المناطق"),
    Label.OTHERS: ("others", "기타", "غيرها"),
    Label.LOOK: (
        "Open the list of alarms on the console: each is there by itself, the most urgent first.",
        "콘솔의 경보 목록을 여십시오. 각 경보가 긴급한 순서로 나와 있습니다.",
        "افتح قائمة الإنذارات في لوحة المراقبة: كل إنذار فيها على حدة والأشد خطورة أولًا.",
    ),
}

KINDS: Final[dict[str, Row]] = {
    "encounter": ("met another vessel", "다른 선박과 접선", "التقاء بسفينة أخرى"),
    "dark_meeting": (
        "met a vessel without transponder",
        "AIS 미발신 선박과 접선",
        "التقاء بسفينة لا تبث AIS",
    ),
    "enter": ("entered a zone", "구역 진입", "دخول منطقة"),
    "exit": ("left a zone", "구역 이탈", "خروج من منطقة"),
    "inside": ("is inside a zone", "구역 안에 있음", "داخل منطقة"),
    "crossed": ("crossed a zone", "구역 통과", "عبور منطقة"),
    "overspeed": ("too fast", "과속", "تجاوز السرعة"),
    "silence": ("AIS silent", "AIS 신호 끊김", "انقطاع إشارة AIS"),
    "teleport": ("impossible movement", "비정상 위치 이동", "انتقال غير ممكن"),
    "sudden_stop": ("sudden stop", "급정지", "توقف مفاجئ"),
    "drift": ("drifting", "표류", "انجراف"),
    "route_deviation": ("left its declared route", "신고 항로 이탈", "خروج عن المسار المعلن"),
    "drone_link_lost": ("drone not heard", "드론 통신 두절", "انقطاع الاتصال بالطائرة المسيّرة"),
    "drone_reserve": ("battery too low to return", "귀환 배터리 부족", "بطارية لا تكفي للعودة"),
    "line_crossed": ("crossed a line in the picture", "화면 경계선 통과", "عبور خط في الصورة"),
    "loitering": ("loitering", "배회", "تسكع"),
    "undeclared_stop": ("undeclared stop", "미신고 정지", "توقف غير معلن"),
    "identity_conflict": ("two with one identity", "식별정보 중복 사용", "هوية واحدة لاثنين"),
    **{kind: words for kind, (words, _) in (SEAL_WORDS | CARGO_WORDS).items()},
}
"""What a rule found. A kind without a row is shown as the rule calls it."""

ADVICE: Final[dict[str, Row]] = {
    "route_deviation": (
        "Call it and ask where it is bound. Compare with its declared voyage; task a unit.",
        "호출하여 목적지를 묻고 신고 항로와 대조한 뒤 순찰조를 배정하십시오.",
        "اتصل بها واسأل عن وجهتها وقارن بالرحلة المعلنة وكلّف وحدة.",
    ),
    "undeclared_stop": (
        "Call it and ask why it stopped. Look for others close by.",
        "호출하여 정지한 까닭을 묻고 가까이에 다른 대상이 있는지 살피십시오.",
        "اتصل بها واسأل عن سبب التوقف وابحث عمن بقربها.",
    ),
    "encounter": (
        "Send a drone or the nearest unit to look; compare with the declared cargo of both.",
        "드론이나 가까운 순찰조를 보내 확인하고 양쪽의 신고 화물과 대조하십시오.",
        "أرسل طائرة مسيّرة أو أقرب وحدة للمعاينة، وقارن بالبضائع المعلنة للسفينتين.",
    ),
    "dark_meeting": (
        "Keep the camera on both. Send a unit; do not call the vessel first.",
        "카메라로 둘을 계속 감시하고 순찰조를 보내십시오. 먼저 호출하지 마십시오.",
        "أبقِ الكاميرا على الاثنتين وأرسل وحدة، ولا تتصل بالسفينة أولًا.",
    ),
    "enter": (
        "Call the vessel. If it is not cleared for the zone, send the nearest unit.",
        "선박을 호출하고, 진입 허가가 없으면 가장 가까운 순찰조를 보내십시오.",
        "اتصل بالسفينة، وإن لم يكن مصرحًا لها بدخول المنطقة فأرسل أقرب وحدة.",
    ),
    "exit": (
        "Check that the departure was expected. If not, call the vessel.",
        "예정된 이탈인지 확인하고, 아니면 선박을 호출하십시오.",
        "تحقق من أن الخروج متوقع، وإلا فاتصل بالسفينة.",
    ),
    "inside": (
        "Find out since when and by whose leave it is there.",
        "언제부터 어떤 허가로 머물고 있는지 확인하십시오.",
        "تحقق منذ متى هي هناك وبإذن ممن.",
    ),
    "crossed": (
        "Look at the track on the map. If it is a short cut, warn the vessel.",
        "지도에서 항적을 보고, 지름길로 통과했으면 선박에 경고하십시오.",
        "انظر المسار على الخريطة، وإن كان اختصارًا فحذّر السفينة.",
    ),
    "overspeed": (
        "Call the vessel and ask it to slow down. Note its reason.",
        "선박을 호출하여 감속을 요구하고 이유를 기록하십시오.",
        "اتصل بالسفينة واطلب تخفيف السرعة وسجّل السبب.",
    ),
    "silence": (
        "Check whether the receiver hears others there. If it does, call the vessel, then look.",
        "수신기가 그 해역의 다른 선박을 수신하는지 보고, 수신하면 호출한 뒤 현장을 확인하십시오.",
        "تحقق هل يلتقط المستقبل سفنًا أخرى هناك، فإن التقط فاتصل بالسفينة ثم تحقق من موقعها.",
    ),
    "teleport": (
        "Trust neither position. Compare with radar or camera: GNSS may be disturbed or forged.",
        "두 위치 모두 믿지 말고 레이더·카메라와 비교하십시오. 위성 교란이나 위조일 수 있습니다.",
        "لا تثق بأي من الموقعين، وقارن بالرادار أو الكاميرا: قد تكون الإشارة مشوشة أو مزورة.",
    ),
    "sudden_stop": (
        "Call the vessel: it may be in distress. No answer: alert rescue.",
        "선박을 호출하십시오. 조난일 수 있습니다. 응답이 없으면 구조대에 알리십시오.",
        "اتصل بالسفينة فقد تكون في خطر، وإن لم تجب فأبلغ الإنقاذ.",
    ),
    "drift": (
        "Call the vessel and ask whether its engine works. Warn traffic, alert tugs.",
        "선박을 호출하여 기관 상태를 묻고, 통항 선박과 예인선에 알리십시오.",
        "اتصل بالسفينة واسأل عن محركها، وحذّر السفن ونبّه القاطرات.",
    ),
    **{kind: advice for kind, (_, advice) in (SEAL_WORDS | CARGO_WORDS).items()},
    "drone_link_lost": (
        "It should return by itself. Watch its home; call others in the air away from its way.",
        "스스로 귀환해야 합니다. 이륙 지점을 지켜보고 다른 비행체를 경로에서 비키게 하십시오.",
        "ينبغي أن تعود وحدها. راقب موضع الإقلاع وأبعد ما يطير عن طريقها.",
    ),
    "drone_reserve": (
        "Call the drone home now, or choose a nearer place to land.",
        "지금 드론을 귀환시키거나 더 가까운 착륙 지점을 정하십시오.",
        "أعد الطائرة المسيّرة الآن، أو اختر مكانًا أقرب للهبوط.",
    ),
    "line_crossed": (
        "Look at the evidence picture. If nobody is expected there, send the nearest unit.",
        "증거 사진을 보고, 예정에 없는 출입이면 가장 가까운 순찰조를 보내십시오.",
        "انظر إلى صورة الدليل، وإن لم يكن أحد متوقعًا هناك فأرسل أقرب وحدة.",
    ),
    "loitering": (
        "Keep the camera on them and send the nearest unit to ask.",
        "카메라로 계속 감시하고 가장 가까운 순찰조를 보내 확인하십시오.",
        "أبقِ الكاميرا عليه وأرسل أقرب وحدة للسؤال.",
    ),
    "identity_conflict": (
        "Suspend the device, find both senders, then revoke it and invite it anew.",
        "장치를 정지하고 두 송신자를 모두 찾은 뒤 인증서를 폐기하고 다시 등록하십시오.",
        "علّق الجهاز وابحث عن المرسلَين، ثم ألغِ شهادته وادعه من جديد.",
    ),
}
"""What an operator does first, by kind."""

OTHER_ADVICE: Final[Row] = (
    "Look at it on the map, and decide.",
    "지도에서 확인하고 판단하십시오.",
    "انظر إليه على الخريطة ثم قرر.",
)


_COLUMNS: Final = {language: column for column, language in enumerate(Language)}


def say(row: Row, language: Language) -> str:
    """Return the column of a language.

    >>> say(SEVERITIES[Severity.CRITICAL], Language.KOREAN)
    '심각'
    """
    return row[_COLUMNS[language]]
