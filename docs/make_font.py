#!/usr/bin/env python3
"""Make the font of the pictures, a part of Noto Sans CJK TC, in visitorsflow/alerts/font/.

It holds the 5,401 common characters of Big5 (level 1), and of the rarer ones (level 2) those that Japan,
Korea or mainland China has in its standard too, and those of names in Taiwan, below. With all of level 2 it
would have 3.3 MB.

Needs Debian's fonts-noto-cjk, and fonttools, which nothing else here needs. The same versions of both make
the same file; this one is of fonts-noto-cjk 20220127 and fonttools 4.68.0:

    apt-get install fonts-noto-cjk && .venv/bin/pip install fonttools && .venv/bin/python docs/make_font.py
"""

from collections.abc import Iterator
from pathlib import Path

SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
TC = 3  # the face for Taiwan in that collection
MADE = Path(__file__).resolve().parent.parent / "visitorsflow/alerts/font/VisitorsFlowTC-Regular.otf"
MOST_BYTES = 2_500_000

NAMES = {1: "VisitorsFlow TC", 3: "VisitorsFlowTC-Regular", 4: "VisitorsFlow TC", 6: "VisitorsFlowTC-Regular"}
KEPT = (0, 2, 5, 7, 8, 9, 10, 11, 12, 13, 14)  # whose it is, and its licence
TABLES = ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]  # for fine and for vertical writing

SIGNS, COMMON, RARER = (0xA140, 0xA3BF), (0xA440, 0xC67E), (0xC940, 0xF9D5)  # in Big5
OTHER_STANDARDS = ("shift_jis", "euc_kr", "gb2312")
IN_TAIWAN = (
    "坔垵埧崠嵙墘壠尪峯嵵巃檨梘槺橞汫洘滘澚焿犂獇瑠硘磘磜礐竻筊粄粿糍舘舺芃"
    "芉荖萡萣藔蛯蟳裏邨鎭鮘鯓鷄"  # places, and what is eaten there
    "堃喆彣妘姵媗孄沄湉煊煒祤禕竑荺頎嫺恒碁銹粧嘓"  # people
)
BLOCKS = (
    *(range(0x20, 0x7F), range(0xA0, 0x180)),  # Latin letters
    *(range(0x2010, 0x2040), range(0x20A0, 0x20C0), range(0x2100, 0x2140)),  # punctuation, money, №
    *(range(0x2190, 0x219A), range(0x2460, 0x2474), range(0x2500, 0x2670), [0x2713]),  # →, ①, █, ✓
    *(range(0x3000, 0x3130), range(0xFE30, 0xFE50), range(0xFF01, 0xFFEF)),  # 「」, kana, ㄅㄆㄇ, full width
)


def main() -> int:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(SOURCE, fontNumber=TC, recalcTimestamp=False)  # the time stays that of Noto
    options = subset.Options(hinting=False, notdef_outline=True, name_IDs=[*NAMES, *KEPT], layout_features=[])
    options.drop_tables += TABLES
    part = subset.Subsetter(options)
    part.populate(unicodes=wanted())
    part.subset(font)
    for number, name in NAMES.items():
        font["name"].setName(name, number, 3, 1, 0x409)
    letters = font["CFF "].cff
    letters.fontNames = [NAMES[6]]
    letters[0].FullName, letters[0].FamilyName = NAMES[4], NAMES[1]
    font.save(MADE)
    size, characters = MADE.stat().st_size, len(font.getBestCmap())
    print(f"{MADE}: {characters:,} characters, {size:,} bytes")
    return 0 if size <= MOST_BYTES else 1


def wanted() -> set[int]:
    rarer = (
        character
        for character in big5(*RARER)
        if any(character.encode(standard, "ignore") for standard in OTHER_STANDARDS)
    )
    characters = {*big5(*SIGNS), *big5(*COMMON), *rarer, *IN_TAIWAN}
    return {ord(character) for character in characters}.union(*BLOCKS)


def big5(first: int, last: int) -> Iterator[str]:
    for code in range(first, last + 1):
        if code & 0xFF in range(0x40, 0x7F) or code & 0xFF in range(0xA1, 0xFF):
            yield code.to_bytes(2, "big").decode("big5")


if __name__ == "__main__":
    raise SystemExit(main())
