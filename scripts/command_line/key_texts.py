"""What the command line says about keys and roots, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "help.key": ("Khóa ký số của cơ quan.", "The office's signing keys."),
    "help.key new": (
        "Tạo khóa mới cho một mục đích và công bố trong danh sách khóa.",
        "Make a key for a purpose and publish it in the key list.",
    ),
    "help.key roots": (
        "Tạo ba khóa gốc, trên máy không bao giờ nối mạng.",
        "Make three root keys, on a machine that is never connected.",
    ),
    "help.key sign": (
        "Ký một bản danh sách khóa đề nghị bằng một khóa gốc; in ra những gì được ký.",
        "Sign a proposed key list with a root, and print what is signed.",
    ),
    "help.key publish": (
        "Công bố danh sách khóa đã đủ chữ ký gốc.",
        "Put a key list in force that the roots have signed.",
    ),
    "help.key adopt-roots": (
        "Đề nghị thay khóa gốc, để rời bộ khóa dùng thử.",
        "Propose other roots, to leave the trial set.",
    ),
    "of.token-label": (
        "Nhãn của thiết bị PKCS#11 sẽ giữ khóa; cần --library.",
        "Label of the PKCS#11 token that is to hold the key; needs --library.",
    ),
    "of.library": (
        "Thư viện PKCS#11 của thiết bị (tệp .so).",
        "The token's PKCS#11 library (a .so file).",
    ),
    "of.propose": (
        "Ghi danh sách mới vào tệp này để mang đi ký, thay vì công bố ngay.",
        "Write the new list into this file, to be carried to the roots, instead of publishing it.",
    ),
    "of.proposal": ("Tệp danh sách khóa đề nghị.", "File with the proposed key list."),
    "of.new-roots": (
        "Tệp khóa gốc công khai mà “sovang key roots” đã ghi.",
        "File of root keys, as “sovang key roots” wrote it.",
    ),
    "of.roots-made": ("Thư mục mới cho ba khóa gốc.", "A new folder for the three roots."),
    "of.root": ("Tệp của một khóa gốc.", "File of one root key."),
    "of.passphrase": (
        "Tệp có mật khẩu của khóa gốc; không có thì hỏi.",
        "File with the root's passphrase; otherwise it is asked for.",
    ),
    "root.made": (
        "{path}\n    mật khẩu: {passphrase}",
        "{path}\n    passphrase: {passphrase}",
    ),
    "root.keep": (
        (
            "Chép mỗi mật khẩu ra giấy ngay, chỉ in một lần. Giao ba tệp khóa cho ba người, cất ở"
            " ba nơi. Tệp {path} là khóa công khai: mang về máy chủ và công bố cho người kiểm"
            " toán."
        ),
        (
            "Copy each passphrase to paper now, it is told once. Give the three key files to three"
            " people, in three places. The file {path} is public: bring it to the server and make"
            " it known to auditors."
        ),
    ),
    "root.ask": ("Mật khẩu của khóa gốc: ", "Passphrase of the root: "),
    "root.signed": (
        "Khóa gốc {kid} đã ký; có {signatures} chữ ký. Mã so khớp: {digest}",
        "The root {kid} has signed; {signatures} signatures. To compare: {digest}",
    ),
    "key.proposed": (
        (
            "Đã ghi danh sách đề nghị vào {path}. Mang đến hai khóa gốc (sovang key sign), rồi"
            " công bố (sovang key publish). Mã so khớp: {digest}"
        ),
        (
            "The proposed list is in {path}. Carry it to two roots (sovang key sign), then publish"
            " it (sovang key publish). To compare: {digest}"
        ),
    ),
    "key.published": (
        "Danh sách khóa bản {version} đã có hiệu lực, đến {until}.",
        "Version {version} of the key list is in force until {until}.",
    ),
    "help.key auditor": (
        "Tạo khóa của người kiểm toán, trên máy của chính người đó; in khóa công khai.",
        "Make an auditor's key, on his own machine; print its public part.",
    ),
    "help.key list": ("Liệt kê các khóa.", "List the keys."),
    "help.key witness": (
        "Thêm một đơn vị làm chứng vào danh sách khóa.",
        "Take a witness into the key list.",
    ),
    "help.key renew": (
        "Ký lại danh sách khóa cho một năm nữa, các khóa giữ nguyên.",
        "Sign the key list anew for another year; its keys stay as they are.",
    ),
    "help.key rewrap": (
        "Đổi mật khẩu của các tệp khóa: tất cả cùng đổi, hoặc không tệp nào.",
        "Change the passphrase of the key files: of all of them or of none.",
    ),
    "of.new-passphrase": ("Tệp chứa mật khẩu mới.", "File with the new passphrase."),
    "of.old-passphrase": (
        "Tệp chứa mật khẩu cũ; mặc định là mật khẩu của sổ. Với --key thì hỏi.",
        "File with the old passphrase; by default the register's. With --key it is asked for.",
    ),
    "of.rewrapped": (
        "Chỉ một tệp khóa, ví dụ khóa gốc trên máy không nối mạng.",
        "One key file only, such as a root on a machine that is not connected.",
    ),
    "key.rewrapped": (
        (
            "Đã đổi mật khẩu của {count} tệp khóa ({kids}). Với khóa của sổ: đặt"
            " SOVANG_KEY_PASSPHRASE_FILE={path} rồi khởi động lại. Bản sao lưu cũ vẫn mở bằng"
            " mật khẩu cũ."
        ),
        (
            "The passphrase of {count} key files is changed ({kids}). For the register's keys, set"
            " SOVANG_KEY_PASSPHRASE_FILE={path} and start it again. Old backups still open with"
            " the old passphrase."
        ),
    ),
    "help.key retire": (
        "Cho một khóa thôi dùng: chữ ký cũ vẫn có giá trị.",
        "Retire a key: what it signed stays good.",
    ),
    "help.key revoke": (
        "Báo một khóa bị lộ: chỉ những gì sổ niêm phong đã có trước lúc này còn giá trị.",
        "Declare a key stolen: only what the sealed log holds until now counts.",
    ),
    "of.root-folder": (
        "Thư mục có khóa gốc (mang đến từ nơi cất giữ); bộ dùng thử có sẵn.",
        "Folder with the root keys, brought from where they are kept; a trial set has its own.",
    ),
    "of.kid": ("Mã khóa, tám chữ số hệ 16.", "The key's id, eight hexadecimal digits."),
    "of.use": ("Mục đích của khóa.", "What the key is for."),
    "key.made": (
        "Đã tạo và công bố khóa {kid} ({use}).",
        "Key {kid} ({use}) was made and published.",
    ),
    "key.witness": (
        "Đã thêm đơn vị làm chứng {name}; cần {needed} đơn vị ký.",
        "The witness {name} was added; {needed} must cosign.",
    ),
    "key.renewed": (
        "Danh sách khóa bản {version} có hiệu lực thêm một năm.",
        "Version {version} of the key list is in force for another year.",
    ),
    "key.renew-soon": (
        "Danh sách khóa còn hiệu lực {days} ngày: hãy chạy “sovang key renew”.",
        "The key list is good for {days} more days: run “sovang key renew”.",
    ),
    "key.retired": ("Khóa {kid} thôi dùng từ bây giờ.", "Key {kid} is retired from now on."),
    "key.revoked": (
        "Khóa {kid} đã báo lộ: chỉ {size} bản ghi đầu của sổ niêm phong còn được tin.",
        "Key {kid} is declared stolen: only the first {size} leaves of the sealed log count.",
    ),
    "key.list": (
        "Danh sách khóa bản {version} của {log}, có hiệu lực đến {until}.",
        "Version {version} of the key list of {log}, good until {until}.",
    ),
    "key.known": (
        "Công bố lúc {at} bởi {actor}, vị trí {position} trong sổ.",
        "Published {at} by {actor}, position {position} of the log.",
    ),
    "key.valid": ("đang dùng", "in use"),
    "key.not-valid-then": ("không còn hoặc chưa hiệu lực", "ended or not begun"),
    "key.needs-log": ("đã báo lộ", "stolen"),
    "use.issue": ("ký bằng, giấy chứng nhận", "certificates"),
    "use.log": ("ký đầu sổ niêm phong", "sealed log"),
    "use.status": ("ký danh sách tình trạng", "status lists"),
    "use.pdf": ("ký tệp PDF", "PDF files"),
    "use.root": ("khóa gốc", "root"),
    "use.witness": ("làm chứng", "witness"),
}
