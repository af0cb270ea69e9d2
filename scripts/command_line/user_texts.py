"""What the command line says about users and tokens, in Vietnamese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "help.user": ("Người được ghi sổ.", "Users who may record."),
    "help.user add": ("Thêm người dùng.", "Add a user."),
    "help.user list": ("Liệt kê người dùng.", "List the users."),
    "help.user disable": (
        "Ngừng quyền của một người dùng; mọi mã truy cập của người đó hết hiệu lực ngay.",
        "Take every right from a user; all tokens of the user are void at once.",
    ),
    "help.user token": (
        "Mã truy cập cho phần mềm: cấp, liệt kê, gia hạn, thu hồi từng mã.",
        "Tokens for programs: grant, list, renew, revoke each of them.",
    ),
    "help.user token grant": (
        "Cấp thêm một mã truy cập cho người dùng đã có; mã chỉ in ra một lần.",
        "Grant one more token to a user who is there; it is printed once.",
    ),
    "help.user token list": (
        "Liệt kê mã truy cập đã cấp, hạn dùng và tình trạng (không in lại mã).",
        "List tokens that were granted, their ends and states (never the tokens themselves).",
    ),
    "help.user token renew": (
        "Thay một mã truy cập bằng mã mới có hạn mới; mã cũ hết hiệu lực ngay.",
        "Put a new token with a new end in place of one, which is void at once.",
    ),
    "help.user token revoke": (
        "Thu hồi một mã truy cập; có hiệu lực ngay ở mọi nơi.",
        "Revoke one token, in force at once everywhere.",
    ),
    "of.name": ("Tên người dùng.", "Name of the user."),
    "of.role": (
        (
            "Vai trò: clerk cán bộ nghiệp vụ, verifier người thẩm tra, leader lãnh đạo,"
            " auditor kiểm tra, kiểm toán, operator người vận hành."
        ),
        "Role of the user: who records, who verifies, who leads, who audits, who operates.",
    ),
    "of.unit": ("Đơn vị của người dùng.", "Office that the user records for."),
    "of.token": (
        (
            "Cấp luôn mã truy cập: chuỗi bí mật để phần mềm đăng nhập thay người dùng này"
            " (“Authorization: Bearer MÃ”); chỉ in ra một lần này, sổ không giữ lại."
        ),
        (
            "Also grant a token: the secret with which a program signs in as this user"
            ' ("Authorization: Bearer TOKEN"); it is printed this once and kept nowhere.'
        ),
    ),
    "of.token-days": ("Mã truy cập dùng được bao nhiêu ngày.", "Days for which the token is good."),
    "of.token-id": (
        "Số của mã truy cập, như “sovang user token list” in ra.",
        "Id of the token, as `sovang user token list` prints it.",
    ),
    "of.token-user": ("Chỉ mã của người dùng này.", "Only tokens of this user."),
    "of.keep-old": (
        "Để mã cũ dùng được đến hết hạn của nó, trong khi thay ở các phần mềm.",
        "Leave the old token good until its own end, while programs are changed over.",
    ),
    "user.added": ("Đã thêm người dùng {name} ({role}).", "User {name} was added ({role})."),
    "user.token": (
        "Mã truy cập số {id}, dùng được đến {ends}; chỉ hiện một lần này, hãy cất giữ cẩn thận:",
        "Token {id}, good until {ends}, shown only this once; keep it safe:",
    ),
    "user.disabled": ("Đã ngừng quyền của {name}.", "User {name} was disabled."),
    "user.active": ("đang dùng", "active"),
    "user.inactive": ("đã ngừng", "disabled"),
    "token.revoked-now": (
        "Đã thu hồi mã truy cập số {id} của {name}.",
        "Token {id} of {name} was revoked.",
    ),
    "token.good": ("còn hạn", "good"),
    "token.over": ("hết hạn", "over"),
    "token.revoked": ("đã thu hồi", "revoked"),
    "token.unending": ("không có hạn", "no end"),
    "token.renewed": ("thay bằng mã mới", "renewed"),
    "column.token": ("Mã số", "Token"),
    "column.granted": ("Cấp lúc", "Granted at"),
    "column.ends": ("Dùng đến", "Good until"),
}
