"""The sentences of findings in English, Korean and Arabic, by key, with places for what varies.

No particle of Korean depends on a word that varies, and no verb of Arabic on its gender or number:
what varies stands before a colon, in brackets or behind a noun. Names and times are isolated where
they are filled in (``analytics.saying``); the places of two figures in a row are isolated here.
"""

from typing import Final

Row = tuple[str, str, str]

SPANS: Final[dict[str, Row]] = {
    "s": ("{} s", "{}초", "{} ث"),
    "min": ("{} min", "{}분", "{} د"),
    "h": ("{} h", "{}시간", "{} س"),
}
"""Spans of time, by unit."""

_PARTS: Final[dict[str, Row]] = {
    "until": (" until {at:clock}", " {at:clock}까지", " حتى {at:clock}"),
    "comma_until": (", until {at:clock}", " {at:clock}까지", " حتى {at:clock}"),
    "said_until": ("{said}; until {at:clock}", "{said}, {at:clock}까지", "{said}، حتى {at:clock}"),
    "last_heard": (", last heard {at:clock}", ", 마지막 수신 {at:clock}", "، آخر بلاغ {at:clock}"),
    "and": ("{first} and {then}", "{first}, {then}", "{first} و{then}"),
    "place": ("{lat:.4f}, {lon:.4f}", "{lat:.4f}, {lon:.4f}", "\u2066{lat:.4f}, {lon:.4f}\u2069"),
    "nowhere": ("nowhere", "위치 불명", "موضع غير معروف"),
    "withdrawn": (
        "no longer follows from the data: {said}",
        "자료로 더는 뒷받침되지 않음: {said}",
        "لم تعد البيانات تؤيده: {said}",
    ),
    "label.person": ("person", "사람", "شخص"),
    "label.boat": ("boat", "선박", "قارب"),
    "label.ship": ("ship", "선박", "سفينة"),
    "label.truck": ("truck", "트럭", "شاحنة"),
    "label.car": ("car", "승용차", "سيارة"),
    "label.bus": ("bus", "버스", "حافلة"),
    "label.bicycle": ("bicycle", "자전거", "دراجة"),
    "label.motorcycle": ("motorcycle", "오토바이", "دراجة نارية"),
}
"""What stands within sentences."""

_VESSELS: Final[dict[str, Row]] = {
    "enter": (
        "{subject} entered {zone} at {since:clock}{ending}",
        "{subject}: {zone} 진입, {since:clock}부터{ending}",
        "{subject}: دخول {zone} منذ {since:clock}{ending}",
    ),
    "inside": (
        "{subject} is inside {zone} at {since:clock}{ending}",
        "{subject}: {zone} 안에 있음, {since:clock}부터{ending}",
        "{subject}: داخل {zone} منذ {since:clock}{ending}",
    ),
    "exit": (
        "{subject} left {zone} at {at:clock} after {stay_s:spell}",
        "{subject}: {zone} 이탈, {at:clock}, 머문 시간 {stay_s:spell}",
        "{subject}: خروج من {zone} في {at:clock} بعد {stay_s:spell}",
    ),
    "crossed": (
        "{subject} passed through {zone} between its reports of {since:clock} and {until:clock}",
        "{subject}: {zone} 통과, {since:clock} 및 {until:clock} 위치 보고 사이",
        "{subject}: عبور {zone} بين بلاغي الموقع {since:clock} و{until:clock}",
    ),
    "overspeed": (
        (
            "{subject} goes up to {fastest_kn:.1f} kn where {limit_kn:g} kn is the limit of"
            " {where}, since {since:clock}{ending}"
        ),
        (
            "{subject}: 최고 속력 {fastest_kn:.1f} kn, 제한속력 {limit_kn:g} kn({where}),"
            " {since:clock}부터{ending}"
        ),
        (
            "{subject}: بلغت السرعة {fastest_kn:.1f} عقدة والحد الأقصى {limit_kn:g} عقدة ({where})"
            " منذ {since:clock}{ending}"
        ),
    ),
    "its_class": ("its class", "선종 기준", "حد فئته"),
    "silence": (
        (
            "{subject} has not been heard since {since:clock}{ending}, for longer than"
            " {limit_s:spell}{place}"
        ),
        "{subject}: AIS 신호 끊김, {since:clock}부터{ending}, 허용 {limit_s:spell} 초과{place}",
        "{subject}: انقطاع إشارة AIS منذ {since:clock}{ending}، لأكثر من {limit_s:spell}{place}",
    ),
    "last_seen": (", last seen at {place}", ", 마지막 위치 {place}", "، آخر موضع {place}"),
    "teleport": (
        (
            "{subject} jumped {way_km:.1f} km from {before} to {after} in {lasted_s:spell}, at"
            " {at:clock}{shared}"
        ),
        (
            "{subject}: {lasted_s:spell} 사이에 {way_km:.1f} km 이동, {before}에서 {after}까지,"
            " {at:clock}{shared}"
        ),
        (
            "{subject}: انتقال {way_km:.1f} كم من {before} إلى {after} خلال {lasted_s:spell}، في"
            " {at:clock}{shared}"
        ),
    ),
    "shared_identity": (
        "; {jumps} jumps: two transmitters may share its identity",
        "; {jumps}회: 송신기 두 대가 식별번호 하나를 쓰는 것일 수 있음",
        "؛ عدد الانتقالات {jumps}: ربما يستعمل جهازا بث هوية واحدة",
    ),
    "sudden_stop": (
        (
            "{subject} fell from {before_kn:.1f} kn to {after_kn:.1f} kn within {fall_s:.0f} s at"
            " {at:clock} and did not move on until {until:clock}"
        ),
        (
            "{subject}: 급정지, 속력 {before_kn:.1f} kn에서 {after_kn:.1f} kn까지 {fall_s:.0f}초,"
            " {at:clock}, {until:clock}까지 움직임 없음"
        ),
        (
            "{subject}: هبطت السرعة من {before_kn:.1f} عقدة إلى {after_kn:.1f} عقدة خلال"
            " {fall_s:.0f} ث في {at:clock}، دون حركة حتى {until:clock}"
        ),
    ),
    "drift": (
        "{subject} drifts sideways since {since:clock}{ending}, {way_m:.0f} m so far",
        "{subject}: 옆으로 표류, {since:clock}부터{ending}, 현재까지 {way_m:.0f} m",
        "{subject}: انجراف جانبي منذ {since:clock}{ending}، المسافة حتى الآن {way_m:.0f} م",
    ),
    "encounter": (
        (
            "{first} and {then}{seen} were within {within_m:.0f} m of each other since"
            " {since:clock}{ending}, {lasted_s:spell}, {closest_m:.0f} m at the closest{dark}"
        ),
        (
            "{first}, {then}{seen}: {within_m:.0f} m 이내 접선, {since:clock}부터{ending},"
            " {lasted_s:spell}, 최근접 거리 {closest_m:.0f} m{dark}"
        ),
        (
            "{first} و{then}{seen}: التقاء ضمن {within_m:.0f} م منذ {since:clock}{ending}، المدة"
            " {lasted_s:spell}، أقرب مسافة {closest_m:.0f} م{dark}"
        ),
    ),
    "seen_by": (" (seen by {camera})", "(카메라 {camera})", " (رصدته {camera})"),
    "unannounced": (
        "; no vessel says it is there",
        "; 그 위치의 AIS 신호 없음",
        "؛ لا إشارة AIS من هذا الموضع",
    ),
    "route_deviation": (
        (
            "{subject} left the corridor of {corridor_km:.1f} km around the declared route of"
            " voyage {voyage} at {since:clock}{ending}, {off_km:.1f} km off the line"
        ),
        (
            "{subject}: 신고 항로 이탈, 항차 {voyage}, 허용 폭 {corridor_km:.1f} km,"
            " {since:clock}부터{ending}, 항로에서 {off_km:.1f} km"
        ),
        (
            "{subject}: خروج عن المسار المعلن للرحلة {voyage} (النطاق المسموح {corridor_km:.1f} كم)"
            " منذ {since:clock}{ending}، البعد عن المسار {off_km:.1f} كم"
        ),
    ),
    "undeclared_stop": (
        (
            "{subject} has stood still since {since:clock}{ending}, {lasted_s:spell}, where voyage"
            " {voyage} has no stop"
        ),
        "{subject}: 미신고 정지, 항차 {voyage}, {since:clock}부터{ending}, {lasted_s:spell}",
        (
            "{subject}: توقف غير معلن في الرحلة {voyage} منذ {since:clock}{ending}، المدة"
            " {lasted_s:spell}"
        ),
    ),
}
"""Of ships and trucks."""

_OTHERS: Final[dict[str, Row]] = {
    "drone_link_lost": (
        (
            "{subject}, in the air, has not been heard since {since:clock}{ending}: its agent said"
            " so, or it was silent for {silent_s:spell}"
        ),
        (
            "{subject}: 비행 중 통신 두절, {since:clock}부터{ending}, 수신 장치의 통보 또는"
            " {silent_s:spell} 동안 신호 없음"
        ),
        (
            "{subject}: انقطاع الاتصال أثناء الطيران منذ {since:clock}{ending}، بإبلاغ من جهاز"
            " الاستقبال أو لانعدام الإشارة مدة {silent_s:spell}"
        ),
    ),
    "drone_reserve": (
        (
            "{subject} has {left_percent:.0f} % left, {home_m:.0f} m from home, and needs"
            " {needed_percent:.0f} % to be there with {reserve_percent:g} % against {wind_m_s:g}"
            " m/s of wind, since {since:clock}{ending}"
        ),
        (
            "{subject}: 배터리 잔량 {left_percent:.0f}%, 귀환 지점까지 {home_m:.0f} m, 귀환에"
            " 필요한 잔량 {needed_percent:.0f}%(예비 {reserve_percent:g}%, 맞바람 {wind_m_s:g} m/s"
            " 기준), {since:clock}부터{ending}"
        ),
        (
            "{subject}: المتبقي في البطارية {left_percent:.0f}%، البعد عن نقطة العودة {home_m:.0f}"
            " م، واللازم للعودة {needed_percent:.0f}% (باحتياطي {reserve_percent:g}% ورياح معاكسة"
            " {wind_m_s:g} م/ث) منذ {since:clock}{ending}"
        ),
    ),
    "line_crossed": (
        "{subject} ({label}) crossed {lines} in the picture of {camera} at {at:clock}",
        "{subject}({label}): 카메라 {camera} 화면의 경계선 통과, {lines}, {at:clock}",
        "{subject} ({label}): عبور {lines} في صورة الكاميرا {camera}، {at:clock}",
    ),
    "loitering": (
        (
            "{subject} ({label}) has loitered in {zones} in the picture of {camera} since"
            " {since:clock}{ending}"
        ),
        "{subject}({label}): 카메라 {camera} 화면의 {zones} 배회, {since:clock}부터{ending}",
        "{subject} ({label}): تسكع في {zones} في صورة الكاميرا {camera} منذ {since:clock}{ending}",
    ),
    "a_zone": ("a zone", "감시 구역", "منطقة مراقبة"),
    "identity_conflict": (
        "Two senders use the certificate of {device}: {one} and {other} take turns",
        "{device}: 인증서 하나를 송신자 둘이 번갈아 사용, {one}, {other}",
        "{device}: شهادة واحدة يستعملها مرسلان بالتناوب، {one} و{other}",
    ),
    "sender": ("start {boot} ({agent})", "시동 {boot}({agent})", "التشغيل {boot} ({agent})"),
    "unnamed_software": ("unnamed software", "이름 없는 소프트웨어", "برنامج غير مسمى"),
}
"""Of drones, of what cameras see, and of devices."""

RULE_SENTENCES: Final = _PARTS | _VESSELS | _OTHERS
