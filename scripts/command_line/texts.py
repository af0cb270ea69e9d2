"""What the command line says to people, in Vietnamese and English.

Refusals of the register itself are in `registry.messages`; here are help, labels and messages
that only a shell shows. Keys of help begin with `help.`, of options and arguments with `of.`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from registry.settings import Language

TEXTS: Mapping[str, tuple[str, str]] = {
    # Help of the commands
    "help.sovang": (
        "Sổ Vàng: sổ gốc theo dõi khen thưởng và hiện vật khen thưởng.",
        "Sổ Vàng: the register of record for commendations and their artifacts.",
    ),
    "help.serve": (
        "Chạy sổ: trang web, API và các sổ tra cứu. Ctrl-C để dừng.",
        "Run the register: web pages, API and projections. Ctrl-C stops it.",
    ),
    "help.project": (
        "Chỉ cập nhật các sổ tra cứu từ nhật ký, không mở trang web.",
        "Only keep the projections up to date, without the web pages.",
    ),
    "help.import": (
        "Nhập danh sách kèm quyết định hoặc sổ cũ từ tệp .xlsx hay .csv.",
        "Import a decision's list or an old register from an .xlsx or .csv file.",
    ),
    "help.find": (
        "Tìm theo tên (có dấu hay không dấu), số quyết định, số hiệu, số sổ vàng, quê quán.",
        "Find by name (with or without diacritics), decision number, serial, golden-book number.",
    ),
    "help.show": (
        "Xem một khen thưởng, quyết định, hiện vật hay hồ sơ cùng lịch sử ghi chép.",
        "Show an award, a decision, an artifact or a case, with its history.",
    ),
    "help.export": (
        "Xuất cả sổ ra tệp .csv, .xlsx hoặc .jsonl.",
        "Export a whole register to a .csv, .xlsx or .jsonl file.",
    ),
    "help.certificate": (
        "In bằng của một hiện vật ra tệp PDF, hoặc tờ thử để căn phôi.",
        "Print an artifact's certificate to a PDF file, or a test sheet of a blank.",
    ),
    "help.certificates": (
        "In mọi bằng của một quyết định vào một tệp PDF.",
        "Print every certificate of a decision to one PDF file.",
    ),
    "help.cases": (
        "Hàng việc hồ sơ cấp đổi, cấp lại, xác nhận vào một ngày.",
        "A queue of cases of exchange, re-issue and confirmation on a day.",
    ),
    "help.user": ("Người được ghi sổ.", "Users who may record."),
    "help.user add": ("Thêm người dùng.", "Add a user."),
    "help.user list": ("Liệt kê người dùng.", "List the users."),
    "help.user disable": ("Ngừng quyền của một người dùng.", "Take every right from a user."),
    "help.log": ("Nhật ký sự kiện, nguồn gốc của mọi sổ.", "The log of facts, source of all."),
    "help.log status": ("Tình trạng nhật ký.", "State of the log."),
    "help.log checkpoint": (
        "In đầu sổ đã ký mới nhất, để lưu giữ hoặc công bố.",
        "Print the last signed checkpoint, to be kept or published.",
    ),
    "help.log check": (
        "Dẫn xuất lại toàn bộ sổ niêm phong từ nhật ký và so từng chữ ký, từng mảnh.",
        "Derive the whole sealed log again from the facts; compare every signature and tile.",
    ),
    "help.log export": (
        "Ghi bộ hồ sơ kiểm toán (sự kiện, cây niêm phong, đầu sổ, danh sách khóa) ra thư mục.",
        "Write the auditor's kit (facts, tree, checkpoints, key lists) into a folder.",
    ),
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
    "help.key list": ("Liệt kê các khóa.", "List the keys."),
    "help.key retire": (
        "Cho một khóa thôi dùng: chữ ký cũ vẫn có giá trị.",
        "Retire a key: what it signed stays good.",
    ),
    "help.key revoke": (
        "Báo một khóa bị lộ: chỉ những gì sổ niêm phong đã có trước lúc này còn giá trị.",
        "Declare a key stolen: only what the sealed log holds until now counts.",
    ),
    "help.projections": ("Các sổ tra cứu dựng từ nhật ký.", "Registers made from the log."),
    "help.projections status": (
        "Độ trễ và tính đầy đủ của từng sổ tra cứu.",
        "Lag and completeness of each projection.",
    ),
    "help.projections rebuild": (
        "Dựng lại một sổ tra cứu bên cạnh rồi thay thế.",
        "Rebuild a projection beside the old one, then swap.",
    ),
    "help.backup": (
        "Sao lưu cơ sở dữ liệu và khóa vào một thư mục mới.",
        "Back up the database and the key into a new folder.",
    ),
    "help.restore": (
        "Khôi phục bản sao lưu vào một nơi còn trống và kiểm tra lại.",
        "Restore a backup into an empty home and verify it.",
    ),
    "help.migrate": (
        "Đưa lược đồ cơ sở dữ liệu lên phiên bản hiện tại.",
        "Bring the database schema up to date.",
    ),
    # Help of options and arguments
    "of.host": ("Địa chỉ lắng nghe.", "Address to listen on."),
    "of.port": ("Cổng lắng nghe.", "Port to listen on."),
    "of.no-projections": (
        "Không cập nhật sổ tra cứu trong tiến trình này (chạy riêng bằng `sovang project`).",
        "Do not keep projections in this process (run `sovang project` apart).",
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
    "of.kit-folder": (
        "Thư mục chưa có gì, để ghi bộ hồ sơ kiểm toán.",
        "An empty folder for the auditor's kit.",
    ),
    "of.kit": ("Thư mục bộ hồ sơ kiểm toán.", "Folder of the auditor's kit."),
    "of.with-sample": (
        "Nạp sổ mẫu nếu sổ còn trống.",
        "Load a sample register if the register is empty.",
    ),
    "of.file": ("Tệp .xlsx hoặc .csv.", "The .xlsx or .csv file."),
    "of.kind": (
        "Loại tệp: danh sách kèm quyết định, sổ cũ, hay tự nhận biết.",
        "What the file is: a decision's list, an old register, or found out.",
    ),
    "of.number": ("Số quyết định, đúng như văn bản.", "The decision's number, as printed."),
    "of.date": (
        "Ngày quyết định: 2024-05-09, 2024-05 hoặc 2024.",
        "The decision's date: 2024-05-09, 2024-05 or 2024.",
    ),
    "of.issuer": ("Cơ quan, người ban hành quyết định.", "Who issued the decision."),
    "of.book": ("Tên quyển sổ vàng.", "Name of the golden book."),
    "of.answer": (
        'Trả lời cho hình thức chưa rõ: "CHỮ TRONG TỆP=MÃ[:HẠNG]". Dùng được nhiều lần.',
        'Answer for an ambiguous form: "TEXT IN THE FILE=CODE[:CLASS]". Can be repeated.',
    ),
    "of.dry-run": (
        "Chỉ cho biết kết quả sẽ thế nào, không ghi gì.",
        "Show exactly what would happen; change nothing.",
    ),
    "of.no-artifacts": (
        "Không cấp hiện vật cùng lúc với danh sách.",
        "Do not issue artifacts together with the list.",
    ),
    "of.json": ("In kết quả là một văn bản JSON.", "Print the answer as one JSON document."),
    "of.text": ("Điều cần tìm.", "What to find."),
    "of.limit": ("Số kết quả nhiều nhất.", "Results at most."),
    "of.id": (
        "Mã khen thưởng, mã quyết định hoặc số hiệu hiện vật.",
        "Id of an award or a decision, or an artifact's serial.",
    ),
    "of.as-of": (
        "Hiện trạng vào ngày này (ngày có hiệu lực), ví dụ 2019-05-01.",
        "As it was on this day (effective date), such as 2019-05-01.",
    ),
    "of.known-at": (
        "Theo những gì đã ghi đến lúc này, ví dụ 2024-05-09 hoặc 2024-05-09T08:30.",
        "As known at this time, such as 2024-05-09 or 2024-05-09T08:30.",
    ),
    "of.queue": (
        "Hàng việc: sắp đến hạn, quá hạn, vướng pháp lý, chờ công dân, đang giải quyết.",
        "Due soon, overdue, legally blocked, waiting for the citizen, or open.",
    ),
    "of.on": ("Ngày được hỏi; bỏ trống là hôm nay.", "The day asked for; today if left out."),
    "of.within": (
        "Sắp đến hạn trong bao nhiêu ngày.",
        "How many days ahead counts as due soon.",
    ),
    "of.register": ("Sổ cần xuất.", "The register to export."),
    "of.out-pdf": ("Tệp PDF sẽ ghi.", "The PDF file to write."),
    "of.serial": ("Số hiệu của bằng.", "Serial of the certificate."),
    "of.decision": ("Mã của quyết định.", "Id of the decision."),
    "of.test-sheet": (
        "In tờ thử của loại phôi này thay vì bằng.",
        "Print the test sheet of this blank instead of a certificate.",
    ),
    "of.overprint": (
        "Chỉ in phần thay đổi lên loại phôi này.",
        "Print only what varies, on this kind of blank.",
    ),
    "of.nudge-x": ("Dịch sang phải bao nhiêu milimét.", "Millimetres to the right."),
    "of.nudge-y": ("Dịch xuống dưới bao nhiêu milimét.", "Millimetres down."),
    "of.out": ("Tệp kết quả: .csv, .xlsx hoặc .jsonl.", "File to write: .csv, .xlsx or .jsonl."),
    "of.name": ("Tên người dùng.", "Name of the user."),
    "of.role": ("Vai trò.", "Role."),
    "of.unit": ("Đơn vị của người dùng.", "Office that the user records for."),
    "of.token": ("Cấp và in ra một lần mã truy cập API.", "Grant an API token, printed once."),
    "of.reason": ("Lý do.", "Reason."),
    "of.projection": ("Tên sổ tra cứu.", "Name of the projection."),
    "of.folder": ("Thư mục của bản sao lưu.", "Folder of the backup."),
    "of.help": ("Xem hướng dẫn này.", "Show this message."),
    "of.version": ("In số phiên bản.", "Print the version."),
    # Headings of help
    "usage": ("Cách dùng", "Usage"),
    "required": ("bắt buộc", "required"),
    "panel.arguments": ("Đối số", "Arguments"),
    "panel.options": ("Tùy chọn", "Options"),
    "panel.commands": ("Lệnh", "Commands"),
    # Wrong usage
    "usage.missing": (
        "Thiếu {name}. Xem: {command} --help",
        "{name} is missing. See: {command} --help",
    ),
    "usage.unknown-option": (
        "Không có tùy chọn {name}. Xem: {command} --help",
        "There is no option {name}. See: {command} --help",
    ),
    "usage.unknown-command": (
        "Không có lệnh {name}. Xem: {command} --help",
        "There is no command {name}. See: {command} --help",
    ),
    "usage.bad-value": (
        "Giá trị của {name} không dùng được ({reason}). Xem: {command} --help",
        "The value of {name} cannot be used ({reason}). See: {command} --help",
    ),
    "usage.other": (
        "Lệnh gõ chưa đúng ({reason}). Xem: {command} --help",
        "The command cannot be read ({reason}). See: {command} --help",
    ),
    # How a command ends
    "unexpected": (
        "Lỗi ngoài dự kiến: {what}. Chi tiết trong tệp {path}",
        "Unexpected error: {what}. Details in {path}",
    ),
    "interrupted": ("Đã dừng theo yêu cầu.", "Stopped on request."),
    # Projections
    "catching-up": ("Cập nhật sổ tra cứu", "Updating the registers"),
    "rebuilding": ("Dựng lại {name}", "Rebuilding {name}"),
    "rebuilt": ("Đã dựng lại sổ tra cứu {name}.", "Projection {name} was rebuilt."),
    "projecting": (
        "Đang cập nhật các sổ tra cứu. Ctrl-C để dừng.",
        "Keeping the projections up to date. Ctrl-C stops it.",
    ),
    # Import
    "importing": ("Nhập {file}", "Importing {file}"),
    "import.done": (
        (
            "{rows} dòng: {accepted} đã ghi, {duplicates} đã có, {rejected} không ghi được,"
            " {warnings} cần xem lại ({seconds} giây)."
        ),
        (
            "{rows} rows: {accepted} recorded, {duplicates} known already, {rejected} rejected,"
            " {warnings} with warnings ({seconds} s)."
        ),
    ),
    "import.dry-run": (
        (
            "Chạy thử, chưa ghi gì. Nếu ghi: {rows} dòng: {accepted} sẽ ghi, {duplicates} đã có,"
            " {rejected} không ghi được, {warnings} cần xem lại ({seconds} giây)."
        ),
        (
            "Dry run, nothing was recorded. Of {rows} rows: {accepted} would be recorded,"
            " {duplicates} are known already, {rejected} rejected, {warnings} with warnings"
            " ({seconds} s)."
        ),
    ),
    "import.more": (
        "… và {count} vấn đề nữa (xem đủ bằng --json).",
        "… and {count} more problems (all of them with --json).",
    ),
    "import.note": ("Lưu ý ({rows} dòng): {sentence}", "Note ({rows} rows): {sentence}"),
    "severity.error": ("lỗi", "error"),
    "severity.warning": ("cần xem", "warning"),
    "severity.duplicate": ("đã có", "duplicate"),
    # Finding
    "find.nothing": (
        "Không tìm thấy “{typed}”. Thử gõ ít chữ hơn, không dấu, hoặc thêm năm sinh.",
        "Nothing found for “{typed}”. Try fewer words, without diacritics, or add a birth year.",
    ),
    "find.born": ("sinh {years}", "born {years}"),
    "find.golden": ("sổ vàng {number}", "golden book {number}"),
    "find.serial": ("số hiệu {serial}", "serial {serial}"),
    "find.more": (
        "Còn nữa: gõ thêm chữ hoặc dùng --limit.",
        "There is more: add words or --limit.",
    ),
    # Showing
    "show.award": ("Khen thưởng {id}", "Award {id}"),
    "show.decision": ("Quyết định {id}", "Decision {id}"),
    "show.cited": ("{number} (theo sổ)", "{number} (as the register has it)"),
    "show.artifacts": ("Hiện vật", "Artifacts"),
    "show.history": ("Lịch sử ghi chép", "History"),
    "show.sealed": ("đã niêm phong", "sealed"),
    "show.case": ("Hồ sơ {id}", "Case {id}"),
    # Cases
    "cases.title": ("{queue}, ngày {on}", "{queue}, {on}"),
    "cases.received": ("tiếp nhận {on}", "received {on}"),
    "cases.since": ("từ {on}", "since {on}"),
    "cases.due": ("hạn {on}", "due {on}"),
    # Export
    "exporting": ("Xuất {file}", "Exporting {file}"),
    "exported": ("Đã ghi {rows} dòng vào {file}.", "Wrote {rows} rows to {file}."),
    # Papers
    "printing": ("Đang in", "Printing"),
    "printed": ("Đã in {count} bằng vào {file}.", "Printed {count} certificates to {file}."),
    "printed.sheet": ("Đã in tờ thử vào {file}.", "Printed the test sheet to {file}."),
    "printed.without": (
        "{count} khen thưởng của quyết định chưa có bằng để in.",
        "{count} awards of the decision have no certificate to print.",
    ),
    # Users
    "user.added": ("Đã thêm người dùng {name} ({role}).", "User {name} was added ({role})."),
    "user.token": (
        "Mã truy cập, chỉ hiện một lần này; hãy cất giữ cẩn thận:",
        "API token, shown only this once; keep it safe:",
    ),
    "user.disabled": ("Đã ngừng quyền của {name}.", "User {name} was disabled."),
    "user.active": ("đang dùng", "active"),
    "user.inactive": ("đã ngừng", "disabled"),
    # Log, backup
    "log.state": (
        "{facts} sự kiện, vị trí cuối {position}, mã kiểm {digest}.",
        "{facts} facts, last position {position}, digest {digest}.",
    ),
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
    "key.retired": ("Khóa {kid} thôi dùng từ bây giờ.", "Key {kid} is retired from now on."),
    "key.revoked": (
        "Khóa {kid} đã báo lộ: chỉ {size} bản ghi đầu của sổ niêm phong còn được tin.",
        "Key {kid} is declared stolen: only the first {size} leaves of the sealed log count.",
    ),
    "key.list": (
        "Danh sách khóa bản {version} của {log}, có hiệu lực đến {until}.",
        "Version {version} of the key list of {log}, good until {until}.",
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
    "migrated": ("Lược đồ đã ở phiên bản hiện tại.", "The schema is up to date."),
    "backup.dumping": ("Đang sao lưu cơ sở dữ liệu …", "Backing up the database …"),
    "backup.done": (
        (
            "Đã sao lưu {facts} sự kiện vào {folder}. Thư mục này chứa khóa giải niêm phong:"
            " cất giữ như hồ sơ mật."
        ),
        "Backed up {facts} facts to {folder}. It holds the key to personal values: keep it safe.",
    ),
    "restore.loading": ("Đang khôi phục cơ sở dữ liệu …", "Restoring the database …"),
    "restore.checking": ("Đang kiểm tra từng sự kiện …", "Checking every fact …"),
    "restore.done": (
        "Đã khôi phục {facts} sự kiện; mã kiểm khớp với bản sao lưu.",
        "Restored {facts} facts; the digest agrees with the backup.",
    ),
    # Headings of columns
    "column.row": ("Dòng", "Row"),
    "column.column": ("Cột", "Column"),
    "column.severity": ("Mức", "Severity"),
    "column.message": ("Nội dung", "Message"),
    "column.key": ("Khóa", "Key"),
    "column.use": ("Mục đích", "Purpose"),
    "column.algorithm": ("Thuật toán", "Algorithm"),
    "column.from": ("Từ", "From"),
    "column.to": ("Đến", "To"),
    "column.name": ("Tên", "Name"),
    "column.role": ("Vai trò", "Role"),
    "column.office": ("Đơn vị", "Office"),
    "column.state": ("Tình trạng", "State"),
    "column.recorded": ("Ghi lúc", "Recorded at"),
    "column.position": ("Vị trí", "Position"),
    "column.lag": ("Trễ", "Lag"),
    "column.completeness": ("Đầy đủ", "Completeness"),
    "column.failure": ("Lỗi", "Failure"),
    "column.migration": ("Bước", "Migration"),
}


def text(code: str, language: Language, **params: object) -> str:
    """The text for a code, its parameters filled in. Raises `KeyError` for an unknown code."""
    vietnamese, english = TEXTS[code]
    template = vietnamese if language == "vi" else english
    return template.format(**params) if params else template
