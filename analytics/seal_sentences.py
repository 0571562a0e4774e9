"""What rules about seals say in three languages, by key; see ``analytics.sentences``."""

from typing import Final

Row = tuple[str, str, str]

_BREACHES: Final[dict[str, Row]] = {
    "seal_opened": (
        "Seal {seal}{hangs} was opened {when}: {why}{how}",
        "봉인 {seal}{hangs}: 개봉, {when}, {why}{how}",
        "الختم {seal}{hangs}: فُتح {when}، {why}{how}",
    ),
    "seal_disarmed": (
        "Seal {seal}{hangs} was disarmed {when}: {why}{how}",
        "봉인 {seal}{hangs}: 작동 해제, {when}, {why}{how}",
        "الختم {seal}{hangs}: عُطل {when}، {why}{how}",
    ),
    "seal_tampering": (
        "Seal {seal}{hangs} was tampered with {when}: {why}{how}",
        "봉인 {seal}{hangs}: 훼손, {when}, {why}{how}",
        "الختم {seal}{hangs}: عُبث به {when}، {why}{how}",
    ),
    "seal_removed": (
        "Seal {seal}{hangs} was taken off {when}: {why}{how}",
        "봉인 {seal}{hangs}: 제거, {when}, {why}{how}",
        "الختم {seal}{hangs}: نُزع {when}، {why}{how}",
    ),
    "seal_power_cut": (
        "Seal {seal}{hangs} lost its power {when}: {why}{how}",
        "봉인 {seal}{hangs}: 전원 차단, {when}, {why}{how}",
        "الختم {seal}{hangs}: انقطعت طاقته {when}، {why}{how}",
    ),
    "hangs_on": (" on {container}", "({container})", " على {container}"),
    "happened_at": ("at {at:clock}", "{at:clock}", "في {at:clock}"),
    "happened_between": (
        "between {since:clock} and {until:clock}, and closed again unheard",
        "{since:clock}부터 {until:clock} 사이(신호 없이 다시 닫힘)",
        "بين {since:clock} و{until:clock}، وأُغلق ثانية دون بلاغ",
    ),
    "no_order": ("there is no order for it", "지시 없음", "لا يوجد أمر بذلك"),
    "order_elsewhere": (
        "order {order} allows it elsewhere: in {zones}",
        "지시 {order}의 허용 장소: {zones}",
        "الأمر {order} يسمح به في مكان آخر: {zones}",
    ),
    "order_not_now": (
        "order {order} does not allow it at this time",
        "지시 {order}의 허용 시간이 아님",
        "الأمر {order} لا يسمح به في هذا الوقت",
    ),
    "ended_by_order": (
        "; ended by order {order}{by} at {at:clock}",
        "; 종료: 지시 {order}{by}, {at:clock}",
        "؛ انتهى بالأمر {order}{by} في {at:clock}",
    ),
    "ordered_by": (" by {by}", "({by})", " ({by})"),
}

_COPIES: Final[dict[str, Row]] = {
    "seal_clone": (
        (
            "Two seals say that they are {seal}: {apart_km:.1f} km apart within {within_s:.0f} s,"
            " at {at:clock}"
        ),
        (
            "봉인 {seal}: 같은 번호의 봉인 둘, {within_s:.0f}초 안에 {apart_km:.1f} km 거리,"
            " {at:clock}"
        ),
        (
            "الختم {seal}: ختمان بالرقم نفسه، البعد بينهما {apart_km:.1f} كم خلال {within_s:.0f}"
            " ثانية، في {at:clock}"
        ),
    ),
    "seal_key_shared": (
        "Two have the key of seal {seal}: frames {highest} and {branch} both go on, at {at:clock}",
        "봉인 {seal}: 키를 둘이 사용, 신호 번호 {highest} 및 {branch} 동시 진행, {at:clock}",
        (
            "الختم {seal}: مفتاحه لدى اثنين، ورقما الإشارة {highest} و{branch} يتزايدان معًا، في"
            " {at:clock}"
        ),
    ),
    "seal_rollback": (
        (
            "Seal {seal} numbers its frames anew from {number}, after {highest}, at {at:clock}: it"
            " was put back to an earlier state, or another has its key"
        ),
        (
            "봉인 {seal}: 신호 번호 {highest} 다음에 {number}부터 다시 시작, {at:clock}, 이전"
            " 상태로 되돌려졌거나 다른 곳에 키가 있음"
        ),
        (
            "الختم {seal}: بدأ ترقيم إشاراته من جديد من {number} بعد {highest} في {at:clock}، فقد"
            " أُرجع إلى حالة سابقة أو أن مفتاحه لدى غيره"
        ),
    ),
    "seal_forged": (
        (
            "Since {since:clock} frames that claim to be of seal {seal} have a wrong signature,"
            " heard by {device}{ending}"
        ),
        "봉인 {seal}: 서명이 틀린 신호, {since:clock}부터, 수신 {device}{ending}",
        "الختم {seal}: إشارات باسمه بتوقيع خاطئ منذ {since:clock}، استقبلها {device}{ending}",
    ),
    "seal_unknown": (
        (
            "Since {since:clock} frames of seal {seal} cannot be checked: the gateway has no key of"
            " it, heard by {device}{ending}"
        ),
        (
            "봉인 {seal}: 게이트웨이에 키가 없어 신호 확인 불가, {since:clock}부터, 수신"
            " {device}{ending}"
        ),
        (
            "الختم {seal}: لا يمكن التحقق من إشاراته إذ لا مفتاح له في وحدة الاستقبال منذ"
            " {since:clock}، استقبلها {device}{ending}"
        ),
    ),
    "frames_until": (
        ", {frames} until {at:clock}",
        ", {at:clock}까지 {frames}건",
        "، العدد {frames} حتى {at:clock}",
    ),
    "seal_replay": (
        (
            "Frame {counter} of seal {seal} ({event}), first heard at {early:clock}, was heard"
            " again at {late:clock}: somebody plays it"
        ),
        (
            "봉인 {seal}: 신호 {counter}({event}), 최초 수신 {early:clock}, 재수신 {late:clock},"
            " 누군가 재전송 중"
        ),
        (
            "الختم {seal}: الإشارة {counter} ({event}) سُمعت أول مرة في {early:clock} ثم في"
            " {late:clock}، هناك من يعيد بثها"
        ),
    ),
    "seal_order_refused": (
        (
            "{device} ordered to {act} seal {seal} at {at:clock}, order {order}: only the registry"
            " may, so it was not heeded"
        ),
        "{device}: 봉인 {seal} {act} 지시, {at:clock}, 지시 {order}, 등록소만 할 수 있어 무시됨",
        (
            "{device}: أمر بشأن الختم {seal} ({act}) في {at:clock}، الأمر {order}، ولا يحق ذلك إلا"
            " للسجل فلم يُنفذ"
        ),
    ),
    "seal_act.bind": ("bind", "결속", "ربط"),
    "seal_act.disarm": ("disarm", "작동 해제", "تعطيل"),
    "seal_act.inspect": ("inspect", "검사", "معاينة"),
    "seal_act.withdraw": ("withdraw", "지시 철회", "سحب أمر"),
    "seal_event.status": ("status", "상태", "حالة"),
    "seal_event.armed": ("armed", "작동", "تفعيل"),
    "seal_event.lock": ("lock", "잠금", "إغلاق"),
    "seal_event.unlock": ("unlock", "열림", "فتح"),
    "seal_event.door": ("door", "문 열림", "باب"),
    "seal_event.tampering": ("tampering", "훼손", "عبث"),
    "seal_event.removing": ("removing", "제거", "نزع"),
    "seal_event.jamming": ("jamming", "전파 방해", "تشويش"),
    "seal_event.lowBattery": ("lowBattery", "배터리 부족", "بطارية ضعيفة"),
    "seal_event.powerCut": ("powerCut", "전원 차단", "انقطاع الطاقة"),
    "seal_event.temperature": ("temperature", "온도", "حرارة"),
    "seal_event.disarmed": ("disarmed", "작동 해제", "تعطيل"),
}

_BINDINGS: Final[dict[str, Row]] = {
    "seal_unbound": (
        (
            "Seal {seal} is armed since {since:clock} and no order binds it to a container after"
            " {grace_s:spell}"
        ),
        "봉인 {seal}: {since:clock}부터 작동 중, {grace_s:spell} 지나도 컨테이너 결속 지시 없음",
        "الختم {seal}: مُفعّل منذ {since:clock} ولا أمر يربطه بحاوية بعد {grace_s:spell}",
    ),
    "seal_of_other_order": (
        "Order {order} is for seal {number}, and seal {seal} is armed for it",
        "지시 {order}: 대상 봉인 {number}, 작동 중인 봉인 {seal}",
        "الأمر {order}: للختم {number}، والمُفعّل هو الختم {seal}",
    ),
    "seal_on_other_container": (
        "Seal {seal} says that it hangs on {told}, and order {order} binds it to {container}",
        "봉인 {seal}: 봉인이 알린 컨테이너 {told}, 지시 {order}의 컨테이너 {container}",
        "الختم {seal}: يبلغ أنه على {told}، والأمر {order} يربطه بالحاوية {container}",
    ),
    "seal_left_vessel": (
        (
            "{seal} is not aboard {vessel} any more: container {container} of voyage {voyage} has"
            " been away since {since:clock}{ending}, {lasted_s:spell}, up to {farthest_m:.0f} m"
        ),
        (
            "{seal}: {vessel} 선내에 없음, 컨테이너 {container}, 항차 {voyage},"
            " {since:clock}부터{ending}, {lasted_s:spell}, 최대 {farthest_m:.0f} m"
        ),
        (
            "{seal}: لم يعد على متن {vessel}، الحاوية {container} من الرحلة {voyage} بعيدة منذ"
            " {since:clock}{ending}، المدة {lasted_s:spell}، حتى {farthest_m:.0f} م"
        ),
    ),
    "vessel_without_seal": (
        (
            "{vessel} has sailed without {seal}: container {container} of voyage {voyage} has been"
            " away since {since:clock}{ending}, {lasted_s:spell}, up to {farthest_m:.0f} m"
        ),
        (
            "{vessel}: {seal} 없이 출항, 컨테이너 {container}, 항차 {voyage},"
            " {since:clock}부터{ending}, {lasted_s:spell}, 최대 {farthest_m:.0f} m"
        ),
        (
            "{vessel}: إبحار دون {seal}، الحاوية {container} من الرحلة {voyage} بعيدة منذ"
            " {since:clock}{ending}، المدة {lasted_s:spell}، حتى {farthest_m:.0f} م"
        ),
    ),
}

_CONDITIONS: Final[dict[str, Row]] = {
    "seal_condition": (
        "Seal {seal} {state}, since {since:clock}{ending}",
        "봉인 {seal}: {state}, {since:clock}부터{ending}",
        "الختم {seal}: {state} منذ {since:clock}{ending}",
    ),
    "radio_jammed": ("says that its radio is jammed", "전파 방해 감지", "يبلغ عن تشويش على بثه"),
    "battery_low": ("says that its battery is low", "배터리 부족 통보", "يبلغ أن بطاريته ضعيفة"),
    "battery_left": (
        "has {percent:.0f} % of its battery left",
        "배터리 잔량 {percent:.0f}%",
        "المتبقي في بطاريته {percent:.0f}%",
    ),
    "temperature_off": (
        "says that it is too cold or too warm",
        "온도 이상 통보",
        "يبلغ أن حرارته غير طبيعية",
    ),
    "temperature_is": (
        "measures {celsius:.1f} degrees Celsius",
        "측정 온도 섭씨 {celsius:.1f}도",
        "حرارته المقيسة \u2066{celsius:.1f}\u2069 درجة مئوية",
    ),
    "seal_silent": (
        (
            "Seal {seal} has not been heard since {since:clock}{ending}, for longer than"
            " {limit_s:spell}"
        ),
        "봉인 {seal}: 신호 끊김, {since:clock}부터{ending}, 허용 {limit_s:spell} 초과",
        "الختم {seal}: انقطاع الإشارة منذ {since:clock}{ending}، لأكثر من {limit_s:spell}",
    ),
    "seal_log_gap": (
        "The log of seal {seal} lacks {numbers}, made between {since:clock} and {until:clock}",
        "봉인 {seal}: 기록 누락, 번호 {numbers}, {since:clock}부터 {until:clock} 사이",
        "الختم {seal}: ينقص سجله {numbers}، بين {since:clock} و{until:clock}",
    ),
    "numbers": ("{first} to {last}", "{first}부터 {last}까지", "من {first} إلى {last}"),
    "seal_clock_back": (
        (
            "Frame {counter} of seal {seal} is dated {at:clock}, {by_s:.0f} s after one with a"
            " higher number: its clock was set back"
        ),
        (
            "봉인 {seal}: 신호 {counter}의 시각 {at:clock}, 번호가 더 큰 신호보다 {by_s:.0f}초"
            " 늦음, 시계가 되돌려짐"
        ),
        (
            "الختم {seal}: الإشارة {counter} مؤرخة {at:clock}، بعد إشارة ذات رقم أكبر بمقدار"
            " {by_s:.0f} ث، فقد أُرجعت ساعته"
        ),
    ),
    "seal_clock_ahead": (
        "The clock of seal {seal} is {ahead_s:.0f} s ahead, since {since:clock}{ending}",
        "봉인 {seal}: 시계가 {ahead_s:.0f}초 빠름, {since:clock}부터{ending}",
        "الختم {seal}: ساعته متقدمة {ahead_s:.0f} ث منذ {since:clock}{ending}",
    ),
}

SEAL_SENTENCES: Final = _BREACHES | _COPIES | _BINDINGS | _CONDITIONS
