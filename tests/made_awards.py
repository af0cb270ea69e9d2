"""Texts of awards for papers. All names are invented."""

from __future__ import annotations

from datetime import UTC, datetime

from api.papers.certificate import AwardText

MADE_AT = datetime(2024, 5, 9, 1, 2, 3, tzinfo=UTC)

COUNCIL_1985 = AwardText(
    form="ORD-KC-US",
    award_class="III",
    name="Giàng Seo Phử",
    honorific="Ông",
    native_places=("xã Bản Cái, huyện Bắc Hà, tỉnh Hoàng Liên Sơn",),
    merit="Đã có công lao trong cuộc kháng chiến chống Mỹ, cứu nước",
    awarded_on="1985",
    number="263 KT/HĐNN",
    issuer="Hội đồng Nhà nước",
    golden_number="83",
)
PRESIDENT_2024 = AwardText(
    form="ORD-LAODONG",
    award_class="I",
    name="NGUYỄN THỊ HỆ ỄẾỘẠ",
    honorific="Bà",
    position="Phó Giám đốc",
    unit="Sở Mẫu tỉnh Lào Cai",
    merit="Đã có thành tích xuất sắc trong công tác từ năm 2019 đến năm 2023,\ngóp phần vào sự"
    " nghiệp xây dựng chủ nghĩa xã hội và bảo vệ Tổ quốc",
    awarded_on="2024-05-09",
    number="212 QĐ/CTN",
    decided_on="2024-05-09",
    issuer="Chủ tịch nước",
    signatory="Trần Văn Thử",
    golden_number="12",
)
PRIME_MINISTER = AwardText(
    form="CERT-BK-TTG",
    name="Lò Văn Mẫu",
    honorific="Ông",
    position="Trưởng thôn",
    unit="xã Bản Cái",
    awarded_on="2023-02-01",
    number="48/QĐ-TTg",
    issuer="Thủ tướng Chính phủ",
    signatory="Phạm Văn Ví",
    signatory_title="KT. Thủ tướng, Phó Thủ tướng",
)
PROVINCE = AwardText(
    form="CERT-BK-BT",
    name="Hoàng Thị Dụ",
    honorific="Bà",
    position="Giáo viên",
    unit="Trường Tiểu học số 2 Bản Cái",
    merit="Đã hoàn thành xuất sắc nhiệm vụ năm học 2018 - 2019",
    awarded_on="2019-12-20",
    number="1234/QĐ-UBND",
    issuer="Chủ tịch UBND tỉnh Lào Cai",
    signatory="Đặng Văn Thử",
    golden_number="1234",
)
UNIT = AwardText(
    form="CERT-GK-XA",
    name="Lý Thị Mẫu",
    honorific="Bà",
    position="Trưởng thôn",
    unit="thôn Nậm Thử",
    merit="Đã có thành tích trong phong trào thi đua năm 2019",
    awarded_on="2019-12-20",
    number="56/QĐ-UBND",
    issuer="Chủ tịch Ủy ban nhân dân xã Bản Cái, huyện Bắc Hà",
    signatory="Hoàng Văn Thử",
)
POSTHUMOUS = AwardText(
    form="HON-BMVNAH",
    name="Giàng Thị Mẩy",
    conferral="posthumous",
    honorific="Bà",
    native_places=("xã Bản Cái",),
    awarded_on="1994-12-17",
    number="394 KT/CTN",
    issuer="Chủ tịch nước",
)
COUPLE = AwardText(
    form="MED-KC-FR",
    award_class="II",
    name="Ông Vàng A Dế và bà Sùng Thị Mỷ",
    native_places=("xã Tả Phìn", "xã Sa Pả"),
    awarded_on="1961-04",
    number="12/TTg",
    issuer="Thủ tướng Chính phủ",
)
COLLECTIVE = AwardText(
    form="ORD-DOCLAP",
    award_class="II",
    name="Ban Chấp hành Đảng bộ, Ủy ban nhân dân, Ủy ban Mặt trận Tổ quốc Việt Nam và các đoàn"
    " thể chính trị - xã hội cùng toàn thể nhân dân các dân tộc xã Nậm Lúc, huyện Bắc Hà",
    merit="Đã có thành tích đặc biệt xuất sắc trong sự nghiệp đổi mới " * 8,
    awarded_on="2022-01-06",
    number="7/QĐ-CTN",
    issuer="Chủ tịch nước",
)
EVERY = (
    COUNCIL_1985,
    PRESIDENT_2024,
    PRIME_MINISTER,
    PROVINCE,
    POSTHUMOUS,
    COUPLE,
    COLLECTIVE,
)
