"""What the command line says to people, in Vietnamese and English.

Refusals of the register itself are in `registry.messages`; here are help, labels and messages
that only a shell shows. Keys of help begin with `help.`, of options and arguments with `of.`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.command_line import (
    backup_texts,
    import_texts,
    key_texts,
    seal_texts,
    stock_texts,
    user_texts,
    verify_texts,
    withdraw_texts,
    working_days_texts,
)

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
        "Nhập danh sách kèm quyết định hoặc sổ cũ từ tệp .xlsx, .xls, .ods, .docx hay .csv.",
        "Import a decision's list or an old register: .xlsx, .xls, .ods, .docx, .csv.",
    ),
    "help.imports": (
        "Liệt kê các lần nhập: đang nhập, bị ngắt hay đã xong, và nhập được đến đâu.",
        "List imports: running, interrupted or done, and how far each came.",
    ),
    "help.find": (
        "Tìm theo tên (có dấu hay không dấu), số quyết định, số hiệu, số sổ vàng, quê quán.",
        "Find by name (with or without diacritics), decision number, serial, golden-book number.",
    ),
    "help.show": (
        "Xem một khen thưởng, quyết định, hiện vật hay hồ sơ cùng lịch sử ghi chép.",
        "Show an award, a decision, an artifact or a case, with its history.",
    ),
    "help.custody": (
        "Liệt kê hiện vật của công dân đang tạm giữ, để lâu nhất trước.",
        "List what the office keeps for citizens, what lies longest first.",
    ),
    "help.duties": (
        "Liệt kê việc phải làm về thu hồi, tước, trao lại, sắp đến hạn trước.",
        "List what is due about recalls, stripping and handing back, what is due first.",
    ),
    "help.doubts": (
        "Liệt kê khen thưởng có nghi vấn (thẩm quyền, thứ tự ngày), cũ nhất trước.",
        "List awards that something does not fit about: authority, order of days; oldest first.",
    ),
    "of.held-back": (
        "Chỉ những khen thưởng đang được giữ lại, không in, ký, xác nhận.",
        "Only awards that are held back: not printed, signed or confirmed.",
    ),
    "of.review": (
        "Trước đó xét lại mọi khen thưởng trong sổ theo bảng thẩm quyền hiện nay.",
        "First judge every award of the register anew by the present table of authorities.",
    ),
    "doubts.reviewed": (
        "Đã xét lại {count} khen thưởng: {doubted} có nghi vấn mới, {settled} hết nghi vấn.",
        "Reviewed {count} awards: {doubted} are doubted now, {settled} no longer.",
    ),
    "column.doubt": ("Nghi vấn", "Doubt"),
    "column.held": ("Giữ lại", "Held back"),
    "column.award": ("Khen thưởng", "Award"),
    "help.export": (
        "Xuất cả sổ ra tệp .csv, .xlsx hoặc .jsonl.",
        "Export a whole register to a .csv, .xlsx or .jsonl file.",
    ),
    "help.certificate": (
        "In bằng của một hiện vật ra tệp PDF, hoặc tờ thử để căn phôi.",
        "Print an artifact's certificate to a PDF file, or a test sheet of a blank.",
    ),
    "help.certificates": (
        (
            "In mọi bằng của một quyết định vào một tệp PDF cho nhà in (tệp không có chữ ký số)."
            " Thêm --signed để có mỗi bằng một tệp PDF ký số."
        ),
        (
            "Print every certificate of a decision to one PDF file for the printing house, which is"
            " not signed itself. With --signed each becomes a signed PDF of its own."
        ),
    ),
    "help.cases": (
        "Hàng việc hồ sơ cấp đổi, cấp lại, xác nhận vào một ngày.",
        "A queue of cases of exchange, re-issue and confirmation on a day.",
    ),
    "help.log": ("Nhật ký sự kiện, nguồn gốc của mọi sổ.", "The log of facts, source of all."),
    "help.log status": ("Tình trạng nhật ký.", "State of the log."),
    "help.projections": ("Các sổ tra cứu dựng từ nhật ký.", "Registers made from the log."),
    "help.projections status": (
        "Độ trễ và tính đầy đủ của từng sổ tra cứu.",
        "Lag and completeness of each projection.",
    ),
    "help.projections rebuild": (
        "Dựng lại một sổ tra cứu bên cạnh rồi thay thế.",
        "Rebuild a projection beside the old one, then swap.",
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
    "of.with-sample": (
        "Nạp sổ mẫu nếu sổ còn trống.",
        "Load a sample register if the register is empty.",
    ),
    "of.file": (
        "Tệp .xlsx, .xlsm, .xls, .ods, .docx hoặc .csv.",
        "The file: .xlsx, .xlsm, .xls, .ods, .docx or .csv.",
    ),
    "of.kind": (
        "Loại tệp: danh sách kèm quyết định, sổ cũ, hay tự nhận biết.",
        "What the file is: a decision's list, an old register, or found out.",
    ),
    "of.number": ("Số quyết định, đúng như văn bản.", "The decision's number, as printed."),
    "of.date": (
        "Ngày quyết định: 09/5/2024, 5/2024 hoặc 2024.",
        "The decision's date, day first: 09/5/2024, 5/2024 or 2024.",
    ),
    "of.issuer": ("Cơ quan, người ban hành quyết định.", "Who issued the decision."),
    "of.book": ("Tên quyển sổ vàng.", "Name of the golden book."),
    "of.import-office": (
        "Đơn vị mà việc nhập này được ghi cho; cán bộ của đơn vị ấy sửa được sau này.",
        "The unit that this is recorded for; its clerks may correct it later.",
    ),
    "of.answer": (
        'Trả lời cho hình thức chưa rõ: "CHỮ TRONG TỆP=TÊN hoặc MÃ[:HẠNG]". Dùng được nhiều lần.',
        'Answer for an ambiguous form: "TEXT IN THE FILE=NAME or CODE[:CLASS]". Can be repeated.',
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
        "Hiện trạng vào ngày này (ngày có hiệu lực), ví dụ 01/5/2019.",
        "As it was on this day (effective date), such as 01/5/2019 (day first).",
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
    "of.out-certificates": (
        "Tệp sẽ ghi: PDF, hoặc ZIP nếu có --signed.",
        "The file to write: a PDF, or a ZIP with --signed.",
    ),
    "of.signed": (
        "Mỗi bằng một tệp PDF có chữ ký số, gom vào một tệp ZIP kèm danh mục.",
        "A signed PDF for each certificate, all in one ZIP with an index.",
    ),
    "of.processes": (
        "Số tiến trình cùng làm; mặc định theo số nhân của máy, tối đa 4.",
        "Processes that share the work; by default one for each core, at most 4.",
    ),
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
    "of.longer-than": ("Chỉ những thứ đã giữ quá số ngày này.", "Only what was held longer."),
    "of.past-due": ("Chỉ những thứ đã quá ngày hẹn.", "Only what is past the day promised."),
    "of.owed": (
        "Bỏ những thứ đã được cấp đổi, không còn phải trả.",
        "Leave out what was exchanged and is owed to nobody.",
    ),
    "of.duty": ("Chỉ một loại việc.", "One kind of duty only."),
    "of.overdue": ("Chỉ việc đã quá hạn.", "Only what is overdue."),
    "of.reason": ("Lý do.", "Reason."),
    "of.projection": ("Tên sổ tra cứu.", "Name of the projection."),
    "of.roles-sql": (
        (
            "Chỉ in các câu lệnh SQL mà quản trị viên máy chủ PostgreSQL chạy một lần,"
            " để tài khoản thường dùng được sổ."
        ),
        (
            "Only print the SQL that an administrator of the PostgreSQL server runs once,"
            " so that a plain account can keep the register."
        ),
    ),
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
    # Queues
    "late": ("(quá hạn)", "(late)"),
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
    "cases.priority": ("ưu tiên", "priority"),
    "cases.due": ("hạn {on}", "due {on}"),
    # Export
    "exporting": ("Xuất {file}", "Exporting {file}"),
    "exported": ("Đã ghi {rows} dòng vào {file}.", "Wrote {rows} rows to {file}."),
    # Papers
    "printing": ("Đang in", "Printing"),
    "printed": ("Đã in {count} bằng vào {file}.", "Printed {count} certificates to {file}."),
    "printed.signed": (
        "Đã ký {count} bằng, mỗi bằng một tệp, vào {file}.",
        "Signed {count} certificates, a file each, into {file}.",
    ),
    "printed.unproved": (
        (
            "{count} tệp chưa kèm bằng chứng của sổ niêm phong, vì sổ chưa kịp niêm phong."
            " Làm lại sau ít phút để có."
        ),
        (
            "{count} files are without the log's proof, because the log was not sealed in time."
            " Do it again in some minutes to have it."
        ),
    ),
    "printed.sheet": ("Đã in tờ thử vào {file}.", "Printed the test sheet to {file}."),
    "printed.without": (
        "{count} khen thưởng của quyết định chưa có bằng để in.",
        "{count} awards of the decision have no certificate to print.",
    ),
    # Users
    "choices": ("Chọn một trong", "One of"),
    # Log, backup
    "log.state": (
        "{facts} sự kiện, vị trí cuối {position}, mã kiểm {digest}.",
        "{facts} facts, last position {position}, digest {digest}.",
    ),
    "migrated": ("Lược đồ đã ở phiên bản hiện tại.", "The schema is up to date."),
    # Headings of columns
    "column.file": ("Tệp", "File"),
    "column.rows": ("Số dòng", "Rows"),
    "column.accepted": ("Đã ghi", "Recorded"),
    "column.duplicates": ("Đã có", "Known"),
    "column.rejected": ("Không ghi được", "Rejected"),
    "column.changed": ("Lúc", "At"),
    "column.row": ("Dòng", "Row"),
    "column.column": ("Cột", "Column"),
    "column.severity": ("Mức", "Severity"),
    "column.message": ("Nội dung", "Message"),
    "column.name": ("Tên", "Name"),
    "column.serial": ("Số hiệu", "Serial"),
    "column.component": ("Hiện vật", "Artifact"),
    "column.receipt": ("Biên nhận", "Receipt"),
    "column.surrendered": ("Ngày nộp", "Handed in"),
    "column.due": ("Hạn", "Due"),
    "column.days": ("Số ngày", "Days"),
    "column.kept": ("Nơi để", "Kept at"),
    "column.duty": ("Việc", "Duty"),
    "column.form": ("Hình thức", "Form"),
    "column.body": ("Cơ quan trình", "Submitted by"),
    "column.role": ("Vai trò", "Role"),
    "column.office": ("Đơn vị", "Office"),
    "column.state": ("Tình trạng", "State"),
    "column.recorded": ("Ghi lúc", "Recorded at"),
    "column.position": ("Vị trí", "Position"),
    "column.lag": ("Trễ", "Lag"),
    "column.completeness": ("Đầy đủ", "Completeness"),
    "column.failure": ("Lỗi", "Failure"),
    "column.migration": ("Bước", "Migration"),
    **stock_texts.TEXTS,
    **user_texts.TEXTS,
    **backup_texts.TEXTS,
    **import_texts.TEXTS,
    **withdraw_texts.TEXTS,
    **key_texts.TEXTS,
    **seal_texts.TEXTS,
    **verify_texts.TEXTS,
    **working_days_texts.TEXTS,
}


def text(code: str, language: Language, **params: object) -> str:
    """The text for a code, its parameters filled in. Raises `KeyError` for an unknown code."""
    vietnamese, english = TEXTS[code]
    template = vietnamese if language == "vi" else english
    said = {name: _said(value, language) for name, value in params.items()}
    return template.format(**said) if said else template


def _said(value: object, language: Language) -> object:
    """A day or moment of a machine as people read it; what looks like none is left alone."""
    if not isinstance(value, str) or value[4:5] != "-" or not value[:4].isdecimal():
        return value
    from registry.messages import format_machine_time  # noqa: PLC0415 - not for --help

    return format_machine_time(value, language)
