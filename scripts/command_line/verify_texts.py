"""The words of `sovang verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "help.verify": (
        "Kiểm tra một tờ bằng (mã QR, tệp PDF, chứng nhận số), không cần cơ sở dữ liệu hay mạng.",
        "Check a certificate (QR code, PDF, credential) without database or network.",
    ),
    "of.payload": (
        "Liên kết hoặc dãy số trong mã QR, tệp PDF, hoặc tệp JSON.",
        "The link or the digits of the QR code, a PDF file, or a JSON file.",
    ),
    "of.keys": (
        "Danh sách khóa (/log/keys); mặc định là danh sách trong thư mục của sổ.",
        "Key list (/log/keys); by default the one in the register's home.",
    ),
    "of.status-list": (
        "Danh sách tình trạng (/log/status/SỐ); không có thì không biết bằng còn hiệu lực không.",
        "Status list (/log/status/NUMBER); without one, whether it is in force is unknown.",
    ),
    "of.log-proof": (
        "Bằng chứng của nhật ký (tlog-proof); tệp PDF mang sẵn bằng chứng bên trong.",
        "Proof of the log (tlog-proof); a PDF carries its own.",
    ),
    "of.file-proof": (
        "Bằng chứng của nhật ký về chính tệp PDF; mặc định là tệp cùng tên thêm .tlog-proof.",
        "The log's proof of the PDF file itself; by default the file beside it, .tlog-proof.",
    ),
    "of.version-min": (
        "Từ chối danh sách khóa có phiên bản cũ hơn N.",
        "Refuse a key list older than version N.",
    ),
    "verify.key-list-age": (
        "Danh sách khóa phiên bản {version}, lập lúc {issued}, cách đây {days} ngày.",
        "Key list version {version}, made {issued}, {days} days ago.",
    ),
    "verify.page-by-key": (
        "Trang giấy trong tệp do khóa đang có giá trị của cơ quan ký.",
        "The page in the file is signed by a key of the authority that counts.",
    ),
    "verify.page-by-log": (
        "Nhật ký công khai có đúng tệp này: cơ quan đã lập trang giấy.",
        "The public log has this very file: the authority made the page.",
    ),
    "verify.page-says": ("Trang giấy trong tệp ghi:", "The page in the file says:"),
    "verify.not-on-page": (
        "Không tìm thấy trên trang giấy: {fields}.",
        "Not found on the page: {fields}.",
    ),
    "verify.inside": (
        "Chứng nhận số bên trong tệp là của cơ quan, và ghi:",
        "The credential inside the file is the authority's, and says:",
    ),
    "verify.in-log": (
        "Có trong nhật ký công khai, lá số {leaf}.",
        "Stands in the public log, leaf {leaf}.",
    ),
    "verify.unpinned": (
        (
            "Lưu ý: đã tin danh sách khóa {keys} và khóa gốc ghi trong chính danh sách ấy. Hãy so"
            " với khóa gốc mà cơ quan đã công bố, hoặc dùng --roots:\n{roots}"
        ),
        (
            "Note: what was trusted is the key list {keys} and the root keys that it names itself."
            " Compare them with the ones that the office has published, or use --roots:\n{roots}"
        ),
    ),
    "verify.genuine": (
        "Đúng là nội dung do cơ quan ký. Bằng giấy phải ghi đúng như sau:",
        "The authority signed this. The paper must say exactly:",
    ),
    "verify.refused": ("KHÔNG xác nhận được: {reason}", "NOT confirmed: {reason}"),
    "verify.name": ("Họ tên, đơn vị", "Name"),
    "verify.form": ("Hình thức khen thưởng", "Award"),
    "verify.decision": ("Quyết định", "Decision"),
    "verify.awarded-on": ("Ngày khen thưởng", "Date of award"),
    "verify.serial": ("Số hiệu", "Serial"),
    "verify.not-revoked": (
        "Chưa bị hủy bỏ hay thu hồi, tính đến {when}.",
        "Not revoked as of {when}.",
    ),
    "verify.revoked": (
        "KHÔNG còn hiệu lực theo danh sách lúc {when}.",
        "NOT in force by the list of {when}.",
    ),
    "verify.unknown": (
        "Chưa biết bằng còn hiệu lực hay không: hãy đưa thêm danh sách tình trạng (--status).",
        "Whether it is in force is unknown: give a status list (--status).",
    ),
}
