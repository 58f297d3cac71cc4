"""Why something did not sound, or not whole: the station's words for the log."""

from __future__ import annotations

from datetime import timedelta

from broadcaster.errors import Text

POWER_CUT = Text(
    "Mất điện hoặc chương trình bị tắt giữa chừng.",
    "Power was lost, or the program was killed, while it played.",
)
SHUT_DOWN = Text(
    "Chương trình phát được tắt khi tin đang phát.",
    "The playing program was shut down while it played.",
)
NOT_RUNNING = Text(
    "Máy phát không chạy, hoặc chưa nhận được lịch, trong khung giờ phát.",
    "The station was not running, or had no plan yet, during the slot.",
)
STOPPED = Text(
    "Đang có lệnh dừng khẩn cấp: cụm loa im lặng cho đến khi được mở lại.",
    "Emergency stop: the station stays silent until released.",
)
WITHDRAWN = Text("Tin đã được thu hồi trước khi phát.", "Withdrawn before it was played.")
WITHDRAWN_ON_AIR = Text("Tin được thu hồi khi đang phát.", "Withdrawn while it was being played.")
PREEMPTED = Text("Nhường cho bản tin khẩn cấp.", "Cut short for an emergency announcement.")
EMPTY = Text("Tin không có tệp âm thanh nào.", "The item has no audio.")
AUDIO_MISSING = Text(
    "Chưa tải xong tệp âm thanh của tin.", "The audio of the item has not been fetched."
)
AUDIO_WRONG = Text(
    "Tệp âm thanh hỏng hoặc không đúng bản đã duyệt.",
    "The audio file is damaged or not the approved one.",
)
MIXED_RATES = Text(
    "Các tệp âm thanh của tin không cùng tần số lấy mẫu.",
    "The audio files of the item have different sample rates.",
)
DISK_FULL = Text(
    "Ổ đĩa của máy phát đã đầy hoặc không ghi được: hãy giải phóng dung lượng.",
    "The station's disk is full or cannot be written: free some space.",
)
PLAN_TAMPERED = Text(
    "Lịch trên đĩa không đúng bản máy chủ đã ký: không phát.",
    "The plan on the disk is not what the server has signed: not played.",
)
NOT_APPROVED = Text(
    "Tin không mang phê duyệt nào: không phát.", "The item carries no approval: not played."
)
OUT_OF_DATE = Text(
    "Giờ phát nằm ngoài thời hạn của lịch đã ký: không phát.",
    "Its time lies outside the dates of the signed plan: not played.",
)
DEVICE_LOST = Text("Mất thiết bị âm thanh khi đang phát.", "The sound device was lost during play.")
NO_DEVICE = Text("Không có thiết bị âm thanh đã chọn.", "The chosen sound device is not there.")
OUTPUT_MUTED = Text(
    "Loa đang bị tắt tiếng hoặc âm lượng máy bằng 0: hãy bật tiếng trên máy phát.",
    "The output is muted or its volume is 0: turn it up on the station.",
)
UNPROVED = Text(
    "Đã gửi tới loa nhưng loa không hồi báo: không biết có ai nghe thấy không.",
    "Sent to the speaker, which gave no answer: nobody knows whether it was heard.",
)
NO_BROKER = Text(
    "Không nối được máy chủ MQTT của loa.", "The MQTT broker of the speakers is not reached."
)
REFUSED_BY_SPEAKER = Text("Loa báo không phát được.", "The speaker says that it cannot play.")
QUIET_CAME = Text("Đến giờ yên tĩnh khi đang phát.", "Quiet hours began during play.")
CLOCK_YEAR = Text(
    "Đồng hồ máy chưa được đặt (sai năm): không phát tin thường.",
    "The clock was never set (wrong year): nothing routine is played.",
)
CLOCK_JUMPED = Text(
    "Đồng hồ máy vừa nhảy: chờ đối chiếu với máy chủ trước khi phát tin thường.",
    "The clock has just jumped: nothing routine until it had time to be compared.",
)
CLOCK_BEHIND = Text(
    "Đồng hồ máy bị lùi về trước lần chạy cuối: không phát tin thường.",
    "The clock is behind the last time it was seen running: nothing routine is played.",
)


def quiet(hours: str) -> Text:
    return Text(
        f"Rơi vào giờ yên tĩnh {hours}: chỉ bản tin khẩn cấp được phát.",
        f"In the quiet hours {hours}: only an emergency may sound.",
    )


def moved(to: str) -> Text:
    return Text(
        f"Âm thanh bị chuyển sang thiết bị khác (“{to}”), không phải thiết bị đã chọn.",
        f"The sound was moved to another device ({to}), not the chosen one.",
    )


WRONG_WEEKDAY = Text(
    "Hôm nay không phải ngày được phát theo quy định: chỉ bản tin khẩn cấp được phát.",
    "The rules allow nothing routine on this day of the week.",
)


def outside(windows: str) -> Text:
    return Text(
        f"Ngoài khung giờ được phát ({windows}): chỉ bản tin khẩn cấp được phát.",
        f"Outside the hours that the rules allow ({windows}): only an emergency may sound.",
    )


def too_early(hour: str) -> Text:
    return Text(
        f"Trước {hour}: chưa đến giờ được phát, chỉ bản tin khẩn cấp được phát.",
        f"Before {hour}: only an emergency may sound.",
    )


def day_is_full(minutes: int) -> Text:
    return Text(
        f"Đã hết {minutes} phút phát thường của ngày: chỉ bản tin khẩn cấp được phát.",
        f"The day's {minutes} minutes of routine sound are used up: only an emergency may sound.",
    )


def muted(reason: str) -> Text:
    return Text(
        f"Cụm loa đang tạm im ({reason}): chỉ bản tin khẩn cấp được phát.",
        f"The station is muted for a while ({reason}): only an emergency may sound.",
    )


def clock_off(by: timedelta) -> Text:
    seconds = round(by.total_seconds())
    return Text(
        f"Đồng hồ máy lệch {seconds:+d} giây so với máy chủ: không phát tin thường.",
        f"The clock differs from the server's by {seconds:+d} s: nothing routine is played.",
    )


def busy(title: str) -> Text:
    return Text(
        f"Cụm loa đang phát tin khác (“{title}”) cho đến hết khung giờ.",
        f"The station was playing another item (“{title}”) until the slot was over.",
    )


def player_failed(detail: str) -> Text:
    return Text(f"Không phát được: {detail}", f"Playing failed: {detail}")


def cannot_write(detail: str) -> Text:
    return Text(f"Không ghi được tệp âm thanh: {detail}", f"Cannot write the audio file: {detail}")
