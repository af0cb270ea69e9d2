"""What the command line says about seals, keys, witnesses and erasure, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "help.log checkpoint": (
        "In đầu sổ đã ký mới nhất, để lưu giữ hoặc công bố.",
        "Print the last signed checkpoint, to be kept or published.",
    ),
    "help.log check": (
        "Dẫn xuất lại toàn bộ sổ niêm phong từ nhật ký và so từng chữ ký, từng mảnh.",
        "Derive the whole sealed log again from the facts; compare every signature and tile.",
    ),
    "help.log export": (
        "Ghi bộ hồ sơ kiểm toán (sự kiện, quyết định, sổ niêm phong, các danh sách) ra thư mục.",
        "Write the auditor's kit (facts, decisions, sealed log, lists) into a folder.",
    ),
    "help.log stamp": (
        "Xin dấu thời gian (RFC 3161) cho đầu sổ mới nhất, qua mạng hoặc qua tệp.",
        "Have the newest checkpoint stamped with a time (RFC 3161), over the network or by file.",
    ),
    "of.stamp-request": (
        "Tệp yêu cầu: được ghi ra, hoặc cùng --answer thì đọc lại.",
        "File of the request: written, or read again with --answer.",
    ),
    "of.stamp-answer": (
        "Tệp trả lời của tổ chức cấp dấu thời gian cho yêu cầu đó.",
        "File with the authority's answer to that request.",
    ),
    "of.tsa": (
        "Tệp PEM chứng thư gốc của tổ chức cấp dấu thời gian (khi xin: SOVANG_TSA_CERTIFICATE).",
        "PEM file with the authority's root certificate (when asking: SOVANG_TSA_CERTIFICATE).",
    ),
    "stamp.requested": (
        "Đã ghi yêu cầu cho đầu sổ cỡ {size} vào {path}; gửi tổ chức cấp dấu thời gian.",
        "Wrote the request for the checkpoint of size {size} to {path}; send it to the authority.",
    ),
    "stamp.kept": (
        "Đầu sổ cỡ {size} có dấu thời gian {at}.",
        "The checkpoint of size {size} is stamped {at}.",
    ),
    "audit.stamped": (
        "Đầu sổ cỡ {size} có dấu thời gian {at}.",
        "The checkpoint of size {size} is stamped {at}.",
    ),
    "help.log cosign": (
        "Đề nghị các đơn vị làm chứng ký vào đầu sổ mới nhất.",
        "Ask witnesses to cosign the last checkpoint.",
    ),
    "help.witness": (
        "Làm chứng cho sổ niêm phong của cơ quan khác: ký đầu sổ, từ chối lịch sử bị viết lại.",
        "Witness another office's sealed log: cosign checkpoints, refuse rewritten history.",
    ),
    "help.audit": (
        "Kiểm toán một bộ hồ sơ đã xuất: không cần cơ sở dữ liệu, không cần mạng.",
        "Audit an exported kit: without a database, without a network.",
    ),
    "help.erase": (
        "Hủy khóa dữ liệu của một người: thông tin cá nhân đã niêm phong không đọc lại được nữa.",
        "Destroy a person's key: what was sealed under it can never be read again.",
    ),
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
    "of.token": (
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
    "of.auditor": ("Tên người kiểm toán, ghi vào sổ.", "Name of the auditor, for the record."),
    "of.auditor-basis": (
        "Căn cứ trao khóa: quyết định, đoàn thanh tra.",
        "On what basis keys are given: a decision, an inspection.",
    ),
    "of.auditor-key": (
        (
            "Khóa công khai của người kiểm toán: kèm khóa dữ liệu cá nhân mà chỉ người đó mở"
            " được. Không có thì thông tin cá nhân vẫn niêm phong."
        ),
        (
            "Public key of an auditor: adds the keys of personal values, which he alone can open."
            " Without it they stay sealed."
        ),
    ),
    "of.secret": (
        "Tệp khóa của người kiểm toán: mở và kiểm từng thông tin cá nhân đã niêm phong.",
        "The auditor's key file: opens and checks every sealed value.",
    ),
    "of.secret-file": (
        "Tệp mới để giữ khóa bí mật.",
        "A new file for the secret key.",
    ),
    "of.opened": (
        "Ghi thông tin cá nhân đã mở vào tệp mới này, mỗi dòng một giá trị (JSON).",
        "Write what was opened into this new file, one value a line (JSON).",
    ),
    "auditor.made": (
        (
            "Khóa bí mật ở {path}: ai có tệp này đọc được thông tin cá nhân trong bộ hồ sơ."
            " Gửi cơ quan dòng dưới đây."
        ),
        (
            "The secret key is in {path}: whoever has it reads the personal values of the kit."
            " Send the office the line below."
        ),
    ),
    "audit.opened": (
        "Đã mở và kiểm {opened} thông tin cá nhân; {sealed} vẫn niêm phong.",
        "Opened and checked {opened} personal values; {sealed} stay sealed.",
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
    "of.roots": (
        "Tệp khóa gốc công khai đã biết từ trước, mỗi dòng một khóa.",
        "File of root keys known beforehand, one a line.",
    ),
    "of.root-folder": (
        "Thư mục có khóa gốc (mang đến từ nơi cất giữ); bộ dùng thử có sẵn.",
        "Folder with the root keys, brought from where they are kept; a trial set has its own.",
    ),
    "of.kid": ("Mã khóa, tám chữ số hệ 16.", "The key's id, eight hexadecimal digits."),
    "of.use": ("Mục đích của khóa.", "What the key is for."),
    "of.person": (
        "Mã của người đó, hoặc mã khen thưởng chỉ có một người.",
        "The person's id, or the id of an award with one person.",
    ),
    "of.basis": ("Căn cứ: văn bản, đơn đề nghị.", "The basis: a document, a request."),
    "of.consent": (
        "Người thứ hai đồng ý: người thẩm định hoặc lãnh đạo có tên trong sổ.",
        "The second person who consents: a verifier or leader of this register.",
    ),
    "of.backup-days": (
        "Bản sao lưu cũ còn giữ khóa bao nhiêu ngày nữa mới hết hạn.",
        "For how many days old backups still hold the key.",
    ),
    "of.witness-url": (
        "Địa chỉ của đơn vị làm chứng.",
        "Address of a witness.",
    ),
    "of.witness-state": (
        "Thư mục giữ khóa và trí nhớ của đơn vị làm chứng.",
        "Folder with the witness's key and memory.",
    ),
    "of.witness-name": (
        "Tên đơn vị làm chứng, dạng địa chỉ không có khoảng trắng.",
        "Name of the witness, like an address, without spaces.",
    ),
    "of.witness-keys": (
        "Tệp danh sách khóa của sổ (tải từ /log/keys), đã so khóa gốc.",
        "File with the log's key list (from /log/keys), its roots compared.",
    ),
    "of.witness-key": (
        "Khóa công khai của đơn vị làm chứng: TÊN+MÃ+BASE64.",
        "The witness's public key: NAME+ID+BASE64.",
    ),
    "of.needed": (
        "Cần bao nhiêu đơn vị làm chứng ký.",
        "How many witnesses must have cosigned.",
    ),
    "of.kit-folder": (
        "Thư mục chưa có gì, để ghi bộ hồ sơ kiểm toán.",
        "An empty folder for the auditor's kit.",
    ),
    "of.kit": ("Thư mục bộ hồ sơ kiểm toán.", "Folder of the auditor's kit."),
    "log.sealed": (
        "Niêm phong đến cỡ {size}, lúc {at}; chưa niêm phong: {unsealed}.",
        "Sealed up to size {size}, at {at}; not sealed yet: {unsealed}.",
    ),
    "unsealed": (
        "Sổ không được niêm phong ở máy này: {reason}",
        "The log is not sealed on this machine: {reason}",
    ),
    "kit.written": (
        "Đã ghi bộ hồ sơ kiểm toán gồm {size} sự kiện vào {folder}.",
        "Wrote the auditor's kit of {size} facts to {folder}.",
    ),
    "audit.good": (
        (
            "ĐÚNG: {facts} sự kiện, sổ niêm phong cỡ {size}, {heads} đầu sổ đã ký; mọi chữ ký và"
            " mọi mảnh đều khớp. Chưa niêm phong: {unsealed}."
        ),
        (
            "GOOD: {facts} facts, sealed log of size {size}, {heads} signed checkpoints; every"
            " signature and every tile holds. Not sealed yet: {unsealed}."
        ),
    ),
    "audit.bad": (
        (
            "SAI: xem các điểm nêu trên ({facts} sự kiện, sổ niêm phong cỡ {size}, {heads} đầu sổ"
            " đã ký, chưa niêm phong: {unsealed})."
        ),
        (
            "BAD: see above ({facts} facts, sealed log of size {size}, {heads} signed checkpoints,"
            " not sealed yet: {unsealed})."
        ),
    ),
    "audit.trial": (
        "Lưu ý: đây là bộ khóa DÙNG THỬ, không có giá trị bảo vệ.",
        "Note: this is a TRIAL set of keys; it protects nothing.",
    ),
    "audit.unpinned": (
        (
            "Lưu ý: khóa gốc lấy từ chính hồ sơ. Hãy so với khóa gốc mà cơ quan đã công bố, hoặc"
            " dùng --roots:\n{roots}"
        ),
        (
            "Note: the root keys are those that came along. Compare them with the ones that the"
            " office published, or use --roots:\n{roots}"
        ),
    ),
    "erase.done": (
        (
            "Đã hủy khóa dữ liệu của {person}, ghi ở vị trí {position}. Giấy tờ và bằng chứng"
            " niêm phong vẫn còn nguyên giá trị."
        ),
        (
            "The key of {person} is destroyed, recorded at position {position}. Paper and proofs"
            " stay good."
        ),
    ),
    "erase.backups": (
        (
            "Các bản sao lưu cũ còn giữ khóa này trong {days} ngày, đến {until}; lúc đó mới thật"
            " sự xóa hẳn."
        ),
        (
            "Old backups hold this key for {days} more days, until {until}; only then is it gone"
            " for good."
        ),
    ),
    "key.made": (
        "Đã tạo và công bố khóa {kid} ({use}).",
        "Key {kid} ({use}) was made and published.",
    ),
    "key.witness": (
        "Đã thêm đơn vị làm chứng {name}; cần {needed} đơn vị ký.",
        "The witness {name} was added; {needed} must cosign.",
    ),
    "witness.key": ("Khóa công khai: {key}", "Public key: {key}"),
    "witness.runs": (
        "Làm chứng cho {log} tại {address}. Ctrl-C để dừng.",
        "Witnessing {log} at {address}. Ctrl-C stops it.",
    ),
    "witness.signed": (
        "Đầu sổ cỡ {size} có chữ ký của {names}.",
        "The checkpoint of size {size} was cosigned by {names}.",
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
    "column.key": ("Khóa", "Key"),
    "column.use": ("Mục đích", "Purpose"),
    "column.algorithm": ("Thuật toán", "Algorithm"),
    "column.from": ("Từ", "From"),
    "column.to": ("Đến", "To"),
}
