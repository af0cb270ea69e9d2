"""What the command line says about backups and what an erasure leaves, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "help.backup": (
        "Sao lưu cơ sở dữ liệu và khóa vào một thư mục mới.",
        "Back up the database and the key into a new folder.",
    ),
    "help.restore": (
        "Khôi phục bản sao lưu vào một nơi còn trống và kiểm tra lại.",
        "Restore a backup into an empty home and verify it.",
    ),
    "of.older-because": (
        "Lý do khôi phục bản cũ hơn sổ mà nơi này đã thấy; lý do được ghi vào sổ gốc.",
        "Why a backup older than the log seen here is restored; the log records the reason.",
    ),
    "of.folder": ("Thư mục của bản sao lưu.", "Folder of the backup."),
    "of.plain-keys": (
        "Để các khóa trong bản sao lưu không niêm phong.",
        "Keep the keys in the backup in plain.",
    ),
    "of.unsigned": (
        "Không ký bản kê, khi khóa của nhật ký không có ở máy này.",
        "Leave the manifest unsigned, where the log's key is not on this machine.",
    ),
    "of.portable": (
        "Kèm nhật ký ở dạng mà mọi PostgreSQL từ bản 15 đều khôi phục được.",
        "Hold the log in a form too that any PostgreSQL from 15 on takes back.",
    ),
    "of.restore-roots": (
        "Tệp khóa gốc mà danh sách khóa trong bản sao lưu phải do chúng ký.",
        "File of root keys that must have signed the key list in the backup.",
    ),
    "of.restore-unsigned": (
        "Nhận cả bản kê không có chữ ký.",
        "Take a manifest without signature too.",
    ),
    "backup.dumping": ("Đang sao lưu cơ sở dữ liệu …", "Backing up the database …"),
    "backup.done": (
        (
            "Đã sao lưu {facts} sự kiện vào {folder}. Thư mục này chứa khóa giải niêm phong:"
            " cất giữ như hồ sơ mật."
        ),
        "Backed up {facts} facts to {folder}. It holds the key to personal values: keep it safe.",
    ),
    "backup.done-sealed": (
        (
            "Đã sao lưu {facts} sự kiện vào {folder}. Các khóa được niêm phong bằng mật khẩu;"
            " thiếu mật khẩu thì không khôi phục được."
        ),
        (
            "Backed up {facts} facts to {folder}. The keys are sealed under the passphrase;"
            " without it nothing can be restored."
        ),
    ),
    "backup.plain-keys": (
        "Các khóa trong bản sao lưu này KHÔNG niêm phong, như đã yêu cầu.",
        "The keys in this backup are in PLAIN, as was asked for.",
    ),
    "backup.trial-keys": (
        (
            "Sổ còn dùng bộ khóa dùng thử, nên các khóa trong bản sao lưu KHÔNG niêm phong: ai có"
            " bản sao lưu thì đọc được thông tin cá nhân. Muốn niêm phong, hãy đặt"
            " SOVANG_BACKUP_PASSPHRASE_FILE."
        ),
        (
            "This register is on trial keys, so the keys in this backup are in PLAIN: whoever has"
            " it reads personal values. To seal them, set SOVANG_BACKUP_PASSPHRASE_FILE."
        ),
    ),
    "backup.passphrase": (
        (
            "Mật khẩu của bản sao lưu, chỉ in một lần: {passphrase}\nHãy chép ra giấy và cất nơi"
            " khác. Muốn mọi bản sao lưu dùng chung một mật khẩu, hãy đặt"
            " SOVANG_BACKUP_PASSPHRASE_FILE."
        ),
        (
            "Passphrase of this backup, told once: {passphrase}\nCopy it to paper and keep it"
            " elsewhere. For one passphrase for all backups, set SOVANG_BACKUP_PASSPHRASE_FILE."
        ),
    ),
    "backup.ask": ("Mật khẩu của bản sao lưu: ", "Passphrase of the backup: "),
    "backup.ask-new": (
        "Mật khẩu cho bản sao lưu (để trống: tự tạo): ",
        "Passphrase for the backup (empty: one is made): ",
    ),
    "backup.ask-again": ("Nhập lại mật khẩu: ", "Once more: "),
    "restore.unsigned": (
        ("Bản kê không có chữ ký: chỉ biết các tệp khớp với nhau, không biết ai lập."),
        "The manifest is not signed: the files agree with each other, nobody vouches for them.",
    ),
    "restore.loading": ("Đang khôi phục cơ sở dữ liệu …", "Restoring the database …"),
    "restore.checking": ("Đang kiểm tra từng sự kiện …", "Checking every fact …"),
    "restore.done": (
        "Đã khôi phục {facts} sự kiện; mã kiểm khớp với bản sao lưu.",
        "Restored {facts} facts; the digest agrees with the backup.",
    ),
    "erase.files-cleared": (
        "Khóa đã hết trong các tệp của cơ sở dữ liệu, kể cả nhật ký ghi trước (WAL).",
        "The key is gone from the files of the database, its write-ahead log (WAL) included.",
    ),
    "erase.files-not-cleared": (
        (
            "Máy chủ PostgreSQL này không cho xóa nhật ký ghi trước (WAL): bản niêm phong của khóa"
            " còn ở đó đến khi máy chủ tự dọn. Hãy nhờ người quản trị máy chủ chạy CHECKPOINT và"
            " pg_switch_wal, và xóa cả kho lưu WAL, máy dự phòng, ảnh chụp ổ đĩa có từ trước."
        ),
        (
            "This PostgreSQL server does not let its write-ahead log (WAL) be cleared: the wrapped"
            " key stays there until the server removes it. Have its operator run CHECKPOINT and"
            " pg_switch_wal, and remove WAL archives, standbys and disk snapshots of before."
        ),
    ),
}
