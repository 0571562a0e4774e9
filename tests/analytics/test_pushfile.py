"""The pushes file: the default is a good one, and a bad one says where."""

import pytest

from analytics.pushfile import PushesFileError, read_policies
from haechi.alarms import AlarmPolicy
from haechi.pushes import PushPolicy
from haechi.settings import DEFAULTS

TEXT = (DEFAULTS / "pushes.toml").read_text()


def test_the_default_file_says_the_defaults() -> None:
    """The comments beside the numbers are true of the code."""
    policies = read_policies(TEXT)
    assert policies.alarms == AlarmPolicy()
    told = policies.pushes
    assert told == PushPolicy(channels=told.channels, rules=told.rules)
    assert [channel.name for channel in told.channels] == ["console", "alerts"]


def test_what_the_default_file_only_shows_can_be_switched_on() -> None:
    """Each example is right: take away the comment signs and it works."""
    examples = TEXT.splitlines()
    starts = (
        "# [",
        "# name =",
        "# type =",
        "# url_",
        "# fallback =",
        "# chan",
        "# sev",
        "# on =",
        "# zones",
        "# limit_messages =",
        "# limit_window_s =",
    )
    shown = [line[2:] if line.startswith(starts) else line for line in examples]
    told = read_policies("\n".join(shown)).pushes
    assert [channel.name for channel in told.channels] == ["console", "alerts", "mail", "sms"]
    assert [channel.limit for channel in told.channels] == [0, 0, 10, 3]
    assert told.rules[1].zones == ("busan-anchorage",)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("quiet_s = 600", "quiet_s = -1", r"line 6: Expected `float` >= 0.0 .*alarms.quiet_s"),
        (
            'name = "alerts"',
            'name = "alerts"\nlimit_window_s = 0',
            "line 42: Expected `float` >= 1",
        ),
        ("cooldown_s = 600", "cooldown_s = inf", r"Expected `float` <= 31622400"),
        ('type = "mqtt"', 'type = "pigeon"', r"line 42: Invalid enum value 'pigeon'"),
        ('name = "alerts"', 'nom = "alerts"', "line 40: Object contains unknown field `nom`"),
        ('name = "alerts"', 'name = "console"', "two channels are named 'console': rename one"),
        ('type = "mqtt"', 'type = "apprise"', "'alerts': give either url_env or url_file"),
        ('type = "mqtt"', 'type = "mqtt"\nurl_env = "X"', "'alerts' is of type mqtt, which has no"),
        ('type = "mqtt"', 'type = "mqtt"\nfallback = "x"', "'alerts' falls back to 'x': give one"),
        ('type = "mqtt"', 'type = "mqtt"\nfallback = "alerts"', "circle: alerts > alerts"),
        ('["console", "alerts"]', '["consol"]', "names the channel 'consol': give one of console"),
        ("retry_s = [5, 30, 120, 600]", "retry_s = []", "retry_s is empty"),
        ("[pushes]", "[pushes", "not TOML: .*line 16"),
        ('on = ["opened"', 'on = ["open"', "Invalid enum value 'open'"),
    ],
)
def test_a_bad_file_says_where_and_what_to_do(old: str, new: str, complaint: str) -> None:
    """By line where it is a matter of form, by name where things do not fit."""
    assert old in TEXT
    with pytest.raises(PushesFileError, match=complaint):
        read_policies(TEXT.replace(old, new, 1))
