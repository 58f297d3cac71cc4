"""What Facebook's error codes mean (Graph API "Handle Errors", as of v26.0)."""

from __future__ import annotations

from datetime import timedelta

from broadcaster.channels.outcomes import Meaning, Then

_AMBIGUOUS = Meaning(
    Then.UNKNOWN,
    "Facebook báo lỗi chung, bài có thể đã lên; chương trình sẽ tra cứu trước khi đăng lại",
    "Facebook reports a general error, the post may exist; it is looked up before another try",
)
_BUSY = Meaning(
    Then.AGAIN,
    "đã quá số lượt gọi cho phép; chương trình tạm dừng rồi tự đăng lại",
    "too many calls; the program waits and tries again",
    timedelta(hours=1),
    target_wide=True,
)
_SHORTLY = Meaning(
    Then.AGAIN,
    "Facebook tạm thời không phục vụ; chương trình sẽ tự đăng lại",
    "Facebook is temporarily unavailable; it is tried again",
    timedelta(minutes=5),
    target_wide=True,
)
_TOO_FAST = Meaning(
    Then.AGAIN,
    "Trang đăng quá nhanh, phải chờ vài phút giữa hai lần đăng",
    "the Page posts too fast, some minutes have to pass between two posts",
    timedelta(minutes=10),
    target_wide=True,
    tries=3,
)
_BLOCKED = Meaning(
    Then.AGAIN,
    "Trang đang bị Facebook tạm chặn đăng; hãy mở “Chất lượng Trang” để xem lý do",
    "the Page is temporarily blocked from posting; see “Page quality” for the reason",
    timedelta(hours=4),
    target_wide=True,
)
_LOGIN = Meaning(
    Then.REFUSED,
    "mã truy cập của Trang hết hạn hoặc không đúng; người quản trị Trang hãy đăng nhập và "
    "lấy mã mới",
    "the Page's token has expired or is wrong; a Page admin must log in and get a new one",
    target_wide=True,
)
_AUTHORIZE = Meaning(
    Then.REFUSED,
    "ứng dụng đã bị gỡ khỏi tài khoản quản trị Trang; hãy đăng nhập và cấp quyền cho ứng dụng lại",
    "the Page admin's account has removed the app; log in and authorize it again",
    target_wide=True,
)
_PASSWORD = Meaning(
    Then.REFUSED,
    "người cấp mã đã đổi mật khẩu Facebook nên mã cũ hết hiệu lực; hãy đăng nhập và lấy mã mới",
    "the person who gave the token changed the password; log in and get a new one",
    target_wide=True,
)
_REVOKED = Meaning(
    Then.REFUSED,
    "mã truy cập của Trang đã bị thu hồi; hãy đăng nhập và cấp quyền cho ứng dụng lại",
    "the Page's token was revoked; log in and authorize the app again",
    target_wide=True,
)
_CHECKPOINT = Meaning(
    Then.REFUSED,
    "tài khoản quản trị Trang đang chờ xác minh; hãy đăng nhập facebook.com và làm theo hướng dẫn",
    "the Page admin's account awaits a check; log in at facebook.com and follow the steps",
    target_wide=True,
)
_ROLE = Meaning(
    Then.REFUSED,
    "người cấp mã không còn vai trò trên Trang; hãy trả lại vai trò rồi lấy mã mới",
    "the person who gave the token lost the role on the Page; give it back and get a new token",
    target_wide=True,
)
_PERMISSION = Meaning(
    Then.REFUSED,
    "ứng dụng thiếu quyền đăng bài (pages_manage_posts); người quản trị Trang hãy cấp lại quyền",
    "the app lacks the permission to post (pages_manage_posts); a Page admin must grant it",
    target_wide=True,
)
_CONTENT = Meaning(
    Then.REFUSED,
    "Facebook không nhận nội dung hoặc tham số này; hãy sửa bản tin rồi duyệt lại",
    "Facebook does not take this content or parameter; correct the text and approve again",
)
_STANDARDS = Meaning(
    Then.REFUSED,
    "Facebook cho rằng nội dung vi phạm tiêu chuẩn cộng đồng; lãnh đạo cần xem lại nội dung",
    "Facebook holds the content to be against its standards; a leader must look at it",
)
_LINK = Meaning(
    Then.AGAIN,
    "Facebook chưa đọc được trang trong đường dẫn; chương trình sẽ thử lại sau, hãy kiểm tra "
    "đường dẫn mở được từ bên ngoài",
    "Facebook could not read the linked page; it is tried again, check that the link opens",
    timedelta(minutes=10),
)
_BAD_LINK = Meaning(
    Then.REFUSED,
    "đường dẫn không hợp lệ hoặc Facebook không cho phép; hãy sửa mục “link” của kênh",
    "the link is malformed or not allowed; correct the option “link” of the target",
)
_PICTURE = Meaning(
    Then.REFUSED,
    "Facebook không nhận ảnh này (quá nặng hoặc không phải JPEG, PNG); hãy thu nhỏ ảnh, duyệt lại",
    "Facebook does not take this picture (too large, or not JPEG or PNG); make it smaller",
)
_FILM = Meaning(
    Then.REFUSED,
    "Facebook không nhận tệp video này; hãy tạo lại âm thanh rồi duyệt lại",
    "Facebook does not take this video file; render again and approve",
)
_UPLOAD = Meaning(
    Then.AGAIN,
    "video chưa tải lên trọn vẹn; chương trình sẽ tự tải lại từ đầu",
    "the video did not arrive whole; it is sent again from the beginning",
    timedelta(minutes=5),
)
_THERE = Meaning(
    Then.LOOK,
    "Facebook báo bài này đã được đăng; chương trình sẽ tra cứu bài đó",
    "Facebook says this was posted already; that post is looked up",
)

_BY_SUBCODE = {
    **dict.fromkeys((459, 464, 1404006, 1404078, 1404112, 4854002), _CHECKPOINT),
    **dict.fromkeys((1346003, 1404102), _STANDARDS),
    **dict.fromkeys((1609008, 2061006), _BAD_LINK),
    **dict.fromkeys((1363047, 1609010), _SHORTLY),
    **dict.fromkeys((458, 490), _AUTHORIZE),
    460: _PASSWORD,
    463: _LOGIN,
    467: _REVOKED,
    492: _ROLE,
    1366046: _PICTURE,
    1366051: _THERE,
    1390008: _TOO_FAST,
    1609005: _LINK,
}
_BY_CODE = {
    **dict.fromkeys((1, 2), _AMBIGUOUS),
    **dict.fromkeys((4, 17, 32, 341, 613, 80001), _BUSY),
    **dict.fromkeys((3, 10, *range(200, 300)), _PERMISSION),
    **dict.fromkeys((102, 190), _LOGIN),
    100: _CONTENT,
    324: _PICTURE,
    352: _FILM,
    6000: _UPLOAD,
    368: _BLOCKED,
    506: _THERE,
}


def meaning(code: int, subcode: int, words: str) -> Meaning | None:
    """What to do about an error; None when the code is not known and the HTTP status decides."""
    if code == 368 and "already posted" in words.lower():
        return _THERE  # seen instead of 506
    by_subcode = _BY_SUBCODE.get(subcode) or _BY_SUBCODE.get(code)  # some come as the code itself
    return by_subcode or _BY_CODE.get(code)
