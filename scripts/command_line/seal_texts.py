"""What the command line says about seals, witnesses, audits and erasure, in both languages."""

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
    "of.checkpoint": (
        "Tệp đầu sổ đã giữ (cả bản, hoặc ba dòng gõ lại từ bản in): sổ phải nối tiếp nó.",
        "File with a head that was kept (the note, or its three lines typed from paper).",
    ),
    "of.since": (
        "Bộ hồ sơ cũ hoặc tệp đầu sổ đã giữ: không điều gì đã thấy được phép thiếu.",
        "An older kit, or a file with a head that was kept: nothing seen then may be missing.",
    ),
    "of.sample": (
        "Chỉ đối chiếu dòng của một số hồ sơ lấy ngẫu nhiên trong các sổ tra cứu.",
        "Compare the registers' rows of some records only, drawn at random.",
    ),
    "checking-registers": ("Đối chiếu các sổ tra cứu", "Comparing the registers"),
    "check.registers": (
        "Đã lập lại {rows} dòng sổ tra cứu từ {facts} sự kiện để đối chiếu: {seconds} giây.",
        "Made {rows} rows of the registers again from {facts} facts to compare: {seconds} s.",
    ),
    "check.left-out": (
        "Chưa đối chiếu được các sổ: {names}.",
        "These registers were not compared: {names}.",
    ),
    "audit.opened": (
        "Đã mở và kiểm {opened} thông tin cá nhân; {sealed} vẫn niêm phong.",
        "Opened and checked {opened} personal values; {sealed} stay sealed.",
    ),
    "of.roots": (
        "Tệp khóa gốc công khai đã biết từ trước, mỗi dòng một khóa.",
        "File of root keys known beforehand, one a line.",
    ),
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
    "witness.key": ("Khóa công khai: {key}", "Public key: {key}"),
    "witness.runs": (
        "Làm chứng cho {log} tại {address}. Ctrl-C để dừng.",
        "Witnessing {log} at {address}. Ctrl-C stops it.",
    ),
    "witness.signed": (
        "Đầu sổ cỡ {size} có chữ ký của {names}.",
        "The checkpoint of size {size} was cosigned by {names}.",
    ),
    "column.key": ("Khóa", "Key"),
    "column.use": ("Mục đích", "Purpose"),
    "column.algorithm": ("Thuật toán", "Algorithm"),
    "column.from": ("Từ", "From"),
    "column.to": ("Đến", "To"),
}
