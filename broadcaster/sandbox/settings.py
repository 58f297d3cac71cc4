"""What is configurable: the points on which sources disagree or are silent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from broadcaster.sandbox import credentials as demo

Package = Literal["free", "trial", "basic", "advanced", "premium"]


@dataclass(slots=True)
class GraphSettings:
    """Facebook Page. Sizes in bytes, lags in seconds."""

    page_id: str = demo.FACEBOOK_PAGE_ID
    page_name: str = demo.FACEBOOK_PAGE_NAME
    page_token: str = demo.FACEBOOK_PAGE_TOKEN
    user_token: str = demo.FACEBOOK_USER_TOKEN
    app_id: str = demo.FACEBOOK_APP_ID
    app_secret: str = demo.FACEBOOK_APP_SECRET
    require_appsecret_proof: bool = False
    wrong_token_subcode: int | None = None
    auth_status: int = 400  # 401 and 403 have been seen
    serve_ended_versions: bool = True
    schedule_min_minutes: int = 10
    schedule_max_days: int = 30  # another page says 75
    max_message: int = 63_206  # another publisher stops at 50,000
    refuse_duplicates: bool = True
    duplicate_code: int = 506  # also seen: 368
    photo_max_bytes: int = 4 * 1024 * 1024  # another guide says 10 MB
    photo_types: tuple[str, ...] = ("image/jpeg", "image/png")
    unpublished_photo_hours: int = 24
    scheduled_photos_temporary: bool = False
    link_errors_as_subcode: bool = False
    unscrapable_links: tuple[str, ...] = ()
    edit_only_own_posts: bool = True
    publish_now_works: bool = True
    read_lag: float = 0.0
    list_lag: float = 0.0
    video_processing: float = 0.0
    video_fails: bool = False  # at the end of processing
    video_post_id_whole: bool = True  # False: without the page's id before it
    usage_headers_after_calls: int = 0
    usage_call_budget: int = 4_800


@dataclass(slots=True)
class ZaloSettings:
    """Zalo OA. Times in the unit their names say."""

    app_id: str = demo.ZALO_APP_ID
    app_secret: str = demo.ZALO_APP_SECRET
    app_active: bool = True
    oa_id: str = demo.ZALO_OA_ID
    oa_name: str = demo.ZALO_OA_NAME
    access_token: str = demo.ZALO_ACCESS_TOKEN
    refresh_token: str = demo.ZALO_REFRESH_TOKEN
    code_verifier: str = demo.ZALO_CODE_VERIFIER
    redirect_uri: str = ""  # empty: any; else what the developer console has saved
    access_hours: int = 25
    refresh_days: int = 90
    code_minutes: int = 10
    accept_query_token: bool = False
    require_appsecret_proof: bool = False
    calls_per_minute: int = 4_000
    processing_polls: int = 1
    processing_seconds: float = 0.0
    processing_answer: Literal["error", "no_id"] = "error"
    unverified_articles_appear: bool = True
    too_long_code: int = -210
    max_body_characters: int | None = None  # one publisher cuts at 10,000
    article_quota_per_month: int | None = None
    surviving_tags: tuple[str, ...] = ("p", "b", "strong", "i", "em", "u", "br", "ul", "ol", "li")
    list_lag: float = 0.0
    verified: bool = True
    package: Package = "advanced"
    package_valid_through: str = "31/12/2027"  # how Zalo writes it is not in any source
    broadcasts_per_month: int | None = None  # None: by package
    broadcast_review_minutes: int = 30
    highest_city_code: int = 63  # old provinces; unknown after the mergers of 2025
    templates_for_uid: tuple[str, ...] = ("100001",)
    upload_returns_url: bool = False
    uploads_per_month: int = 5_000


@dataclass(slots=True)
class WordPressSettings:
    """The commune's website."""

    user: str = demo.WORDPRESS_USER
    app_password: str = demo.WORDPRESS_APP_PASSWORD
    site_name: str = "Trang thông tin điện tử xã Bình Minh (thử nghiệm)"
    time_zone: str = "Asia/Ho_Chi_Minh"
    role: Literal["editor", "author"] = "editor"
    pretty_permalinks: bool = True
    cron_on_visit: bool = True  # False: the host has set DISABLE_WP_CRON
    strip_authorization: bool = False
    wrong_password_code: str | None = None  # newer versions: incorrect_password
    max_upload_bytes: int = 64 * 1024 * 1024
    too_big_status: int = 413  # 400 when PHP itself refuses
    list_lag: float = 0.0


@dataclass(slots=True)
class Settings:
    """All three platforms."""

    graph: GraphSettings = field(default_factory=GraphSettings)
    zalo: ZaloSettings = field(default_factory=ZaloSettings)
    wordpress: WordPressSettings = field(default_factory=WordPressSettings)
