"""Who the sandbox lets in: made-up names and keys, worth nothing elsewhere."""
# ruff: noqa: S105 - these keys open the sandbox only; they are printed in its manual

from __future__ import annotations

FACEBOOK_APP_ID = "734512098761234"
FACEBOOK_APP_SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
FACEBOOK_USER_ID = "100091234567890"
FACEBOOK_USER_TOKEN = "EAAKsandboxUserTokenXaBinhMinh"
FACEBOOK_PAGE_ID = "104756390012345"
FACEBOOK_PAGE_NAME = "UBND xã Bình Minh (thử nghiệm)"
FACEBOOK_PAGE_TOKEN = "EAAKsandboxPageTokenXaBinhMinh"

ZALO_APP_ID = "3141592653589793238"
ZALO_APP_SECRET = "sandboxZaloAppSecret"
ZALO_OA_ID = "2718281828459045235"
ZALO_OA_NAME = "Xã Bình Minh (thử nghiệm)"
ZALO_ACCESS_TOKEN = "sandbox-zalo-access-token-1"
ZALO_REFRESH_TOKEN = "sandbox-zalo-refresh-token-1"
# The pair that the developer console would keep: verifier (43 characters) and its SHA-256.
ZALO_CODE_VERIFIER = "sandbox-code-verifier-of-43-characters-0001"

WORDPRESS_USER = "truyenthanh"
WORDPRESS_APP_PASSWORD = "sand boxx xa01 binh minh 2026"
