"""What Zalo's error codes mean (Zalo OA error appendix); they come with HTTP 200."""

from __future__ import annotations

from datetime import timedelta

from broadcaster.channels.outcomes import Meaning, Then

PROCESSING = -214
TOKEN_REFUSED = (-216, -220)
NO_SUCH = (-201, -210)
"""Also the answer to an id that does not exist; no code of its own is documented."""


def _operator(vi: str, en: str, *, target_wide: bool = False) -> Meaning:
    return Meaning(Then.REFUSED, vi, en, target_wide=target_wide)


_CONTENT = _operator(
    "Zalo không nhận nội dung bài viết; hãy sửa theo lý do bên dưới rồi duyệt lại",
    "Zalo does not take the article; correct it as the reason says and approve again",
)
_TOKEN = _operator(
    "mã truy cập không được chấp nhận dù đã làm mới; quản trị viên OA hãy cấp quyền lại",
    "the token is refused although refreshed; an OA admin must grant access again",
    target_wide=True,
)
_APP = _operator(
    "ứng dụng Zalo chưa được kích hoạt hoặc chưa được OA cấp quyền này; hãy kiểm tra tại "
    "developers.zalo.me",
    "the Zalo app is not active or lacks this right; check it at developers.zalo.me",
    target_wide=True,
)
_ACCOUNT = _operator(
    "OA đã bị xóa hoặc không tồn tại; hãy kiểm tra tài khoản OA",
    "the OA is deleted or does not exist; check the account",
    target_wide=True,
)
_PACKAGE = _operator(
    "OA chưa xác thực hoặc gói dịch vụ không có tính năng này; hãy xác thực OA hoặc nâng gói",
    "the OA is not verified or its package lacks this; verify the OA or change the package",
    target_wide=True,
)

_GROUP = _operator(
    "nhóm GMF đã bị khóa, hết hạn, hoặc OA không còn trong nhóm; quản trị viên OA hãy kiểm tra "
    "nhóm và gói GMF",
    "the GMF group is disabled or expired, or the OA is not in it; an OA admin must check group "
    "and GMF asset",
    target_wide=True,
)

MEANINGS = {
    -32: Meaning(
        Then.AGAIN,
        "đã quá số lượt gọi mỗi phút; chương trình chờ rồi tự đăng lại",
        "too many calls a minute; the program waits and tries again",
        timedelta(minutes=1),
        target_wide=True,
    ),
    -200: Meaning(
        Then.UNKNOWN,
        "Zalo báo gửi lỗi mà không rõ vì sao; chương trình sẽ tra cứu trước khi đăng lại",
        "Zalo reports a failure without a reason; it is looked up before another try",
    ),
    -211: Meaning(
        Then.AGAIN,
        "đã dùng hết hạn mức của tính năng; chương trình chờ kỳ hạn mức sau",
        "the feature's quota is used up; the program waits for the next period",
        timedelta(hours=6),
    ),
    PROCESSING: Meaning(
        Then.AGAIN,
        "Zalo đang xử lý bài viết; chương trình sẽ hỏi lại",
        "Zalo is still processing the article; it is asked again",
        timedelta(seconds=2),
    ),
    -223: _operator(
        "OA chưa cấp quyền hoặc đã hết số bài viết của gói; quản trị viên OA hãy kiểm tra",
        "the OA has not granted it, or its quota of articles is used up; an OA admin must look",
    ),
    -240: _operator(
        "Zalo đã ngừng cách gọi này; hãy cập nhật phần mềm",
        "Zalo has shut down this call; update the program",
        target_wide=True,
    ),
    -234: Meaning(
        Then.AGAIN,
        "Zalo không gửi ban đêm (22:00–06:00); chương trình chờ đến sáng",
        "Zalo sends nothing at night (22:00–06:00); the program waits until morning",
    ),
    -242: _operator(
        "chữ ký của ứng dụng sai; hãy kiểm tra bí mật “app_secret” của kênh",
        "the app's proof is wrong; check the secret “app_secret” of the target",
        target_wide=True,
    ),
    -248: _operator(
        "Zalo cho rằng nội dung vi phạm tiêu chuẩn nền tảng; lãnh đạo cần xem lại nội dung",
        "Zalo holds the content to be against its standards; a leader must look at it",
    ),
    **dict.fromkeys((-201, -210, -233), _CONTENT),
    **dict.fromkeys(TOKEN_REFUSED, _TOKEN),
    **dict.fromkeys((-209, -212, -219), _APP),
    **dict.fromkeys((-204, -205), _ACCOUNT),
    **dict.fromkeys((-221, -224, -235), _PACKAGE),
    **dict.fromkeys((-237, -238, -241, -403), _GROUP),
}

OF_BROADCASTS = {
    **MEANINGS,
    -211: _operator(
        "OA đã hết lượt broadcast của tháng hoặc của ngày; bài viết vẫn còn trên OA. "
        "Hãy xem hạn mức trong trang quản trị OA",
        "the OA has no broadcast left this month or today; the article stays on the OA. "
        "See the quota in the OA's dashboard",
    ),
    **dict.fromkeys(
        (-201, -210, -233),
        _operator(
            "Zalo không nhận broadcast này; hãy xem lý do và mục “audience” của kênh",
            "Zalo does not take this broadcast; see the reason and the option “audience”",
        ),
    ),
}

OF_GROUPS = {
    **MEANINGS,
    **dict.fromkeys(
        (-201, -210, -233),
        _operator(
            "Zalo không nhận tin nhóm này; hãy kiểm tra mục “group_id” và nội dung theo lý do",
            "Zalo does not take this group message; check “group_id” and the text by the reason",
        ),
    ),
}
