"""The words of the pages, Vietnamese first, English beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from registry.settings import Language

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "site": ("Sổ Vàng", "Sổ Vàng"),
    "tagline": ("Sổ gốc hiện vật khen thưởng", "The register of commendation artifacts"),
    "skip": ("Tới nội dung chính", "Skip to content"),
    "other-language": ("English", "Tiếng Việt"),
    "home": ("Tra cứu", "Search"),
    "search-label": (
        "Tìm người, quyết định, số hiệu, số sổ vàng, quê quán",
        "Find a person, decision, serial, golden-book number, native place",
    ),
    "search-button": ("Tìm", "Search"),
    "search-hint": ("Có dấu hay không dấu đều được.", "With or without diacritics."),
    "try": ("Thử gõ", "Try typing"),
    "try-name": (
        "họ tên, các chữ theo thứ tự nào cũng được; thêm năm sinh nếu nhớ",
        "a name, its words in any order; add the year of birth if you know it",
    ),
    "try-number": ("số quyết định, viết cách nào cũng được", "a decision number, in any spelling"),
    "try-place": ("quê quán như in trên bằng", "a native place as printed on the certificate"),
    "try-serial": (
        "số hiệu trên hiện vật, hoặc số sổ vàng",
        "the serial on an artifact, or a golden-book number",
    ),
    "awards": ("khen thưởng", "awards"),
    "recent-decisions": ("Quyết định mới vào sổ", "Decisions recorded most recently"),
    "empty-register": ("Sổ còn trống.", "The register is empty."),
    "empty-register-hint": (
        "Nhập một danh sách hoặc sổ cũ bằng lệnh:",
        "Import a list or an old register with the command:",
    ),
    "results-for": ("Kết quả cho", "Results for"),
    "only-similar": (
        "Không có tên này trong sổ. Những tên gần giống:",
        "This name is not in the register. Similar names:",
    ),
    "nothing-found": ("Không thấy gì khớp với", "Nothing matches"),
    "hint-fewer": (
        "Thử bớt chữ, bỏ chức danh, hoặc chỉ gõ tên và năm sinh",
        "Use fewer words, leave out titles, or type just the name and year of birth",
    ),
    "hint-number": (
        "Với số quyết định, chỉ gõ con số, ví dụ 212",
        "For a decision number type only the number, such as 212",
    ),
    "hint-spelling": (
        "Hỏi lại tên thường gọi, tên đệm hay cách viết khác (Sĩ/Sỹ, Kỳ/Kì)",
        "Ask for other names or spellings (Sĩ/Sỹ, Kỳ/Kì)",
    ),
    "hint-paper": (
        "Nếu là khen thưởng cũ, có thể sổ giấy chưa được nhập",
        "An old award may still be in a paper register that was not imported",
    ),
    "similar": ("Tìm cả những tên gần giống", "Look for similar names too"),
    "next": ("Trang sau", "Next page"),
    "first": ("Về trang đầu", "First page"),
    "award": ("Khen thưởng", "Award"),
    "decision": ("Quyết định", "Decision"),
    "decision-no": ("Quyết định số", "Decision no."),
    "on": ("ngày", "of"),
    "undated": ("không rõ ngày", "date unknown"),
    "cited": ("theo sổ", "as the register has it"),
    "cited-title": (
        "Quyết định này chưa được vào sổ",
        "This decision is not registered itself",
    ),
    "no-decision": ("Chưa rõ số quyết định", "Decision number unknown"),
    "born": ("sinh", "born"),
    "native-of": ("quê", "from"),
    "golden-number": ("Số sổ vàng", "Golden-book number"),
    "awarded-on": ("Ngày khen thưởng", "Date of award"),
    "recorded-at": ("Vào sổ lúc", "Recorded"),
    "recorded-by": ("Người vào sổ", "Recorded by"),
    "posthumous": ("Truy tặng", "Posthumous"),
    "doubtful": ("còn nghi ngờ", "doubtful"),
    "recipient": ("Người được khen thưởng", "Recipient"),
    "persons": ("Những người được khen thưởng", "Recipients"),
    "recipient-body": ("Đối tượng được khen thưởng", "Recipient"),
    "kind": ("Đối tượng", "Kind"),
    "position": ("Chức vụ", "Position"),
    "unit": ("Đơn vị", "Unit"),
    "native-place": ("Quê quán", "Native place"),
    "year-of-birth": ("Năm sinh", "Year of birth"),
    "sex": ("Giới tính", "Sex"),
    "sealed": ("được niêm phong", "sealed"),
    "sealed-title": (
        "Thông tin riêng tư, chỉ người có thẩm quyền đọc được",
        "Personal; only those entitled may read it",
    ),
    "merit": ("Thành tích", "Merit"),
    "note": ("Ghi chú", "Note"),
    "field": ("Lĩnh vực", "Field of activity"),
    "submitting-body": ("Cơ quan trình khen", "Submitted by"),
    "mode": ("Loại khen thưởng", "Mode"),
    "form-typed": ("Nguồn ghi là", "Written in the source as"),
    "source": ("Nguồn", "Source"),
    "certainty": ("Độ tin cậy", "Certainty"),
    "row": ("dòng", "row"),
    "artifacts": ("Hiện vật", "Artifacts"),
    "artifact": ("Hiện vật", "Artifact"),
    "serial": ("Số hiệu", "Serial"),
    "stage": ("Trạng thái", "Stage"),
    "dates": ("Các mốc", "Dates"),
    "no-artifacts": (
        "Danh hiệu này không có hiện vật kèm theo.",
        "No artifact belongs to this title.",
    ),
    "none-yet": ("chưa có", "none yet"),
    "issued": ("cấp", "issued"),
    "printed": ("in", "printed"),
    "delivered": ("trao", "delivered"),
    "delivered-to": ("trao cho", "handed to"),
    "returned": ("nhập lại kho", "returned"),
    "earlier": ("trước đó:", "before:"),
    "supersedes": ("thay cho", "in place of"),
    "superseded-by": ("đã được thay bằng", "superseded by"),
    "surrendered": ("nộp lại", "handed in"),
    "receipt": ("biên nhận", "receipt"),
    "answer-by": ("hẹn trả lời", "answer promised by"),
    "kept-at": ("đang để tại", "kept at"),
    "found": ("tìm thấy", "found"),
    "recall-ordered": ("yêu cầu thu hồi", "recall ordered"),
    "until": ("hạn", "until"),
    "from": ("từ", "from"),
    "recovered": ("thu hồi được", "recovered"),
    "given-up": ("không thu hồi được", "given up"),
    "minutes": ("biên bản", "minutes"),
    "witnesses": ("người chứng kiến", "witnesses"),
    "destroyed": ("tiêu hủy", "destroyed"),
    "archived": ("lưu mẫu", "kept as a specimen"),
    "since": ("từ ngày", "from"),
    "recall-due": ("Hạn thu hồi hiện vật", "Artifacts to be back by"),
    "verdict": ("Bản án có hiệu lực pháp luật", "Effective judgment"),
    "strip-due": ("Hạn trình tước danh hiệu", "Stripping to be proposed by"),
    "decision-kind": ("Loại quyết định", "Kind of decision"),
    "history": ("Lịch sử", "History"),
    "history-hint": (
        "Mọi thay đổi đều được giữ lại: ai ghi, lúc nào, trước và sau.",
        "Every change is kept: who recorded it, when, before and after.",
    ),
    "was": ("trước", "was"),
    "now": ("sau", "now"),
    "nothing": ("(trống)", "(empty)"),
    "reason": ("Lý do", "Reason"),
    "basis": ("Căn cứ", "Basis"),
    "awards-of-decision": (
        "Danh sách khen thưởng theo quyết định",
        "Awards made by the decision",
    ),
    "no-awards": (
        "Chưa có khen thưởng nào được ghi theo quyết định này.",
        "No award is recorded under this decision yet.",
    ),
    "form": ("Hình thức", "Form"),
    "decided-on": ("Ngày quyết định", "Date"),
    "signatory": ("Người ký", "Signed by"),
    "summary": ("Trích yếu", "Summary"),
    "legal-basis": ("Căn cứ pháp lý", "Legal basis"),
    "award-count": ("khen thưởng", "awards"),
    "as-of-title": ("Xem sổ ở thời điểm khác", "See the register at another time"),
    "as-of": ("Sự việc tính đến ngày", "What held on"),
    "known-at": ("Sổ ghi đến lúc", "As recorded by"),
    "show": ("Xem", "Show"),
    "as-of-banner": ("Đây không phải là nội dung hiện tại của sổ.", "This is not the present."),
    "as-of-day": ("Sự việc tính đến", "What held on"),
    "as-of-time": ("sổ ghi đến", "as recorded by"),
    "back-to-now": ("Về hiện tại", "Back to now"),
    "error": ("Không thực hiện được", "This cannot be done"),
    "back": ("Về trang tra cứu", "Back to search"),
    "footer": (
        "Sổ gốc chỉ ghi thêm, không xóa, không sửa.",
        "The register only adds; nothing is erased or overwritten.",
    ),
    "status-of": ("Tình trạng của hiện vật", "Status of an artifact"),
    "status-on": ("Vào ngày", "On"),
    "status-since": ("Từ", "Since"),
    "status-reason": ("Lý do", "Reason"),
    "status-known": ("Theo sổ gốc lúc", "As the register knew it at"),
    "status-chain": ("Các lần cấp đổi, cấp lại", "Exchanges and re-issues"),
    "status-hint": (
        "Trang này không nói gì về người được khen thưởng, và không chứng minh tờ bằng là thật.",
        "This page says nothing about the recipient, and does not prove a paper genuine.",
    ),
    "status-check": ("Kiểm tra tờ bằng", "Check the paper"),
    "date-example": ("vd. 9/5/2024", "e.g. 9/5/2024"),
    "time-example": ("vd. 2024-12-15", "e.g. 2024-12-15"),
}


class Texts:
    """The words of one language, by name, for templates."""

    def __init__(self, language: Language) -> None:
        self._place = 1 if language == "en" else 0

    def __getitem__(self, name: str) -> str:
        """The words under a name. Raises `KeyError`."""
        return TEXTS[name][self._place]
