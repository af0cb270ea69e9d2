"""Whether a word can be a Vietnamese syllable: what letters of before Unicode are told by.

A syllable is an onset, a rime and a tone; a rime that ends in a stop bears sắc or nặng only. The
lists are wide: rimes of names from the mountains belong to them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from unicodedata import normalize

WORDS_REMEMBERED_MAX: Final = 65_536
SYLLABLE_LETTERS_MAX: Final = 7

_TONES: Final = "\u0300\u0309\u0303\u0301\u0323"
_TONES_OF_STOPS: Final = frozenset({"\u0301", "\u0323"})
_ONSETS: Final = (
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr",
    "b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x", "",
)  # fmt: skip
_RIMES_WRITTEN: Final = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êc êch êm ên êng ênh êp êt êu
    i ia ic ich im in ing inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oc oi om on ong op ot oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn
    oăng oăt oe oen oeo oet ooc oong ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơng ơp ơt
    u ua uc ui um un ung up ut uân uât uâng uây uê uêch uên uênh uêt uy uya uych uyên uyêt
    uynh uyt uyu uôc uôi uôm uôn uông uôt uơ uơn ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn
    ương ươp ươt ươu y ya yêc yêm yên yêng yêt yêu ynh yt ych
"""
_RIMES: Final = frozenset(_RIMES_WRITTEN.split())
_STOPS: Final = ("c", "ch", "p", "t")
_ONLY_AFTER_QU: Final = frozenset({"ynh", "yt", "ych", "ya", "yêc"})


@lru_cache(WORDS_REMEMBERED_MAX)
def is_syllable(word: str) -> bool:
    """Whether a word of letters, in whatever case, can be a Vietnamese syllable."""
    if not word or not (word.islower() or word.isupper() or word[1:].islower() or len(word) == 1):
        return False
    decomposed = normalize("NFD", word.lower())
    tones = [character for character in decomposed if character in _TONES]
    letters = normalize("NFC", "".join(c for c in decomposed if c not in _TONES))
    if len(tones) > 1 or len(letters) > SYLLABLE_LETTERS_MAX:
        return False
    return any(
        letters.startswith(onset) and _is_rime(onset, letters[len(onset) :], tones)
        for onset in _ONSETS
    )


def _is_rime(onset: str, rime: str, tones: list[str]) -> bool:
    if onset == "gi" and not rime:
        return True
    if rime not in _RIMES or (rime in _ONLY_AFTER_QU and onset != "qu"):
        return False
    return not rime.endswith(_STOPS) or (bool(tones) and tones[0] in _TONES_OF_STOPS)
