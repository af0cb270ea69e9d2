// What the page says, Vietnamese and English. Reasons of refusals come with TRUST, from the register's own.

const WORDS = {
  title: ["Kiểm tra bằng khen thưởng", "Check a certificate"],
  other: ["English", "Tiếng Việt"],
  intro: [
    "Dùng máy ảnh của điện thoại quét mã QR in trên bằng. Mã được kiểm tra ngay trên máy này; không ai biết bạn đang kiểm tra bằng nào.",
    "Scan the QR code on the certificate with the phone's camera. It is checked on this device; nobody learns which certificate you check.",
  ],
  scan: ["Quét mã QR", "Scan the QR code"],
  stop: ["Thôi quét", "Stop scanning"],
  aim: ["Đưa mã QR vào giữa khung hình.", "Hold the QR code in the middle."],
  "no-camera": ["Không mở được máy ảnh. Hãy dùng ứng dụng máy ảnh của điện thoại, hoặc gõ số hiệu bên dưới.", "The camera cannot be opened. Use the phone's camera app, or type the serial below."],
  "no-code": ["Mã QR này không phải của bằng do Sổ Vàng in.", "This QR code is not one of a certificate by Sổ Vàng."],
  typed: ["Không quét được? Gõ số hiệu và mã kiểm tra in dưới mã QR", "Cannot scan? Type the serial and the check code printed under the QR code"],
  serial: ["Số hiệu", "Serial"],
  code: ["Mã kiểm tra (8 chữ)", "Check code (8 letters)"],
  check: ["Kiểm tra", "Check"],
  another: ["Kiểm tra bằng khác", "Check another certificate"],
  "text-title": ["1. Chữ ký của cơ quan", "1. The authority's signature"],
  genuine: ["Đúng là nội dung do cơ quan ký", "The authority signed this text"],
  refused: ["Không xác nhận được", "Not confirmed"],
  "cannot-tell": ["Chưa kiểm tra được", "Cannot be checked yet"],
  "must-say": ["Bằng giấy phải ghi đúng như sau:", "The paper must say exactly this:"],
  "or-altered": ["Bằng giấy ghi khác một chữ cũng là bằng đã bị sửa.", "If the paper differs in a single word, it was altered."],
  name: ["Họ tên, đơn vị", "Name"],
  form: ["Hình thức khen thưởng", "Award"],
  decision: ["Quyết định số", "Decision number"],
  "awarded-on": ["Ngày khen thưởng", "Date of award"],
  "signed-at": ["Ký ngày", "Signed on"],
  "needs-log": ["Khóa ký đã bị lộ: chỉ chữ ký thì chưa đủ. Phải hỏi sổ gốc ở mục 3.", "The signing key was stolen: the signature alone is not enough. Ask the register, part 3."],
  "standing-title": ["2. Còn hiệu lực không?", "2. Is it in force?"],
  "not-revoked": ["Chưa bị hủy bỏ hay thu hồi, tính đến {date}", "Not revoked as of {date}"],
  revoked: ["KHÔNG còn hiệu lực (danh sách ngày {date})", "NOT in force (list of {date})"],
  again: ["Có hiệu lực trở lại, tính đến {date}; trước đó từng bị ghi là không còn hiệu lực", "In force again as of {date}; it was listed as not in force before"],
  unknown: ["Chưa biết", "Unknown"],
  until: ["Danh sách này dùng được đến {date}.", "This list may be used until {date}."],
  "last-known": ["Danh sách gần nhất trên máy này: {date}.", "The last list on this device: {date}."],
  "status-list-missing": ["Máy này chưa có danh sách tình trạng. Hãy mở lại trang khi có mạng.", "This device has no status list yet. Open the page again with the network on."],
  why: ["Bằng có thể đã bị hủy bỏ, tước, thu hồi, hoặc đã được cấp đổi, cấp lại. Hỏi sổ gốc ở mục 3 để biết.", "It may have been cancelled, stripped, recalled, or replaced by another. Ask the register, part 3."],
  "register-title": ["3. Hỏi sổ gốc", "3. Ask the register"],
  "register-hint": ["Cần mạng. Cơ quan sẽ biết có người hỏi về bằng này (không biết là ai).", "Needs the network. The office learns that somebody asks about this certificate, not who."],
  ask: ["Hỏi sổ gốc bây giờ", "Ask the register now"],
  asking: ["Đang hỏi…", "Asking…"],
  "no-answer": ["Không hỏi được sổ gốc. Hãy thử lại khi có mạng.", "The register cannot be asked. Try again with the network on."],
  "in-register": ["Có trong sổ gốc", "In the register"],
  "as-known": ["Theo sổ gốc lúc {date}", "As the register knew it at {date}"],
  chain: ["Các lần cấp đổi, cấp lại", "Exchanges and re-issues"],
  "this-one": ["(bằng này)", "(this one)"],
  reason: ["Lý do", "Reason"],
  since: ["Từ ngày", "Since"],
  "limits-title": ["Chữ ký không cho biết", "What a signature cannot tell"],
  limits: [
    "Mã QR đúng không có nghĩa tờ giấy là bản gốc: ảnh chụp, bản photocopy cũng mang mã đúng. Hãy xem dấu nổi, chất giấy, và giấy tờ tùy thân của người cầm bằng.",
    "A good QR code does not make the paper an original: photographs and photocopies carry it too. Look at the seal and the paper, and at the holder's identity papers.",
  ],
  host: ["Chỉ tin trang này nếu thanh địa chỉ ghi đúng {host}.", "Trust this page only if the address bar says {host}."],
  trial: ["Bộ khóa thử: chỉ để xem thử, không có giá trị pháp lý.", "Trial keys: for trying out, without legal force."],
  "keys-warning": ["Máy chủ đưa ra danh sách khóa không dùng được ({reason}) Trang dùng danh sách đã tin trước đây.", "The server gave a key list that cannot be used ({reason}) The page uses the one it trusted before."],
  "head-seen": ["Đầu sổ gốc mà máy này đã thấy: {size} bản ghi, lúc {date}.", "The newest head of the register that this device saw: {size} entries, at {date}."],
  "head-shorter": ["CẢNH BÁO: máy này đã thấy sổ gốc có {size} bản ghi, nay máy chủ đưa ra sổ chỉ còn {found}. Sổ có thể đã bị đưa về một thời điểm cũ. Hãy báo cho cơ quan kiểm tra.", "WARNING: this device saw {size} entries in the register, and the server now shows {found}. It may have been put back to an earlier time. Tell the auditors."],
  "head-differs": ["CẢNH BÁO: sổ gốc có {size} bản ghi mà máy này đã thấy nay có nội dung khác. Hãy báo cho cơ quan kiểm tra.", "WARNING: the register of {size} entries that this device saw now has another content. Tell the auditors."],
  "head-unreadable": ["Máy chủ đưa ra đầu sổ gốc không đọc được.", "The head of the register that the server gave cannot be read."],
  "head-unsigned": ["Đầu sổ gốc do máy chủ đưa ra không có chữ ký của sổ.", "The head of the register that the server gave is not signed by the register."],
  "list-warning": ["Danh sách máy chủ đưa ra không dùng được: {reason}", "The list that the server gave cannot be used: {reason}"],
};

let language = new URLSearchParams(location.search).get("lang") ?? recall("language") ?? TRUST.language;
if (!["vi", "en"].includes(language)) language = "vi";
const pick = (pair) => pair[language === "en" ? 1 : 0];

const say = (code, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), pick(WORDS[code] ?? TRUST.reasons[code] ?? [code, code]));

// By the clock of Viet Nam, which is seven hours ahead all year.
const localTime = (at) => new Date(at + 7 * 36e5).toISOString();
function sayMoment(text) {
  const local = localTime(Date.parse(text));
  return `${local.slice(11, 16)} ${pick(["ngày ", "on "])}${sayDate(local.slice(0, 10))}`;
}

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

// As the register writes it everywhere, perhaps only a year: 09/5/2024, tháng 02/2024, năm 1985, khoảng năm 1985.
function sayDate(text) {
  const [year, month, day] = text.replace(/[~?]$/, "").split("-").map(Number);
  const plain = pick([inVietnamese(year, month, day), inEnglish(year, month, day)]);
  if (text.endsWith("~")) return `${pick(["khoảng ", "about "])}${plain}`;
  return text.endsWith("?") ? `${plain} ${pick(["(chưa chắc)", "(uncertain)"])}` : plain;
}

// A zero before days below 10 and before months 1 and 2, so that nobody writes a one in front.
function inVietnamese(year, month, day) {
  if (!month) return `năm ${year}`;
  const figures = `${month <= 2 ? "0" : ""}${month}/${year}`;
  return day ? `${day < 10 ? "0" : ""}${day}/${figures}` : `tháng ${figures}`;
}

const inEnglish = (year, month, day) => [day, month && MONTHS[month - 1], year].filter(Boolean).join(" ");

function sayForm(code) {
  const [form, level] = code.split(":");
  const name = TRUST.forms[form] ? pick(TRUST.forms[form]) : form;
  return level ? `${name}${pick([" hạng ", ", class "])}${pick(TRUST.classes[level] ?? [level, level])}` : name;
}
