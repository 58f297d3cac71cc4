"""Can this be a Vietnamese syllable? What cannot, in capitals, is an abbreviation."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
_ONSETS = "ngh|ng|nh|th|tr|ch|gh|kh|ph|gi|qu|b|c|d|đ|g|h|k|l|m|n|p|r|s|t|v|x"
_RHYMES = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em
    en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip
    it iu o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo
    oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât
    uây uc ue uê uêch uên uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut uy uya uych uyên
    uyêt uyt uynh uyu uyn ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên yêng
    yêt yêu yt ym yn
"""
_SYLLABLE = re.compile(rf"(?:{_ONSETS})?(?:{'|'.join(_RHYMES.split())})")
_NEEDS_TONE = re.compile(r"(?:c|p|t|ch)$")


@lru_cache(maxsize=20_000)
def is_syllable(word: str) -> bool:
    """Spelling of a Vietnamese syllable, tone rules included ("TAC" has none, "TÁC" is one)."""
    low = word.lower()
    apart = unicodedata.normalize("NFD", low)
    bare = unicodedata.normalize("NFC", apart.translate(_TONES))
    if not _SYLLABLE.fullmatch(bare):
        return False
    toned = bare != low
    return toned or not _NEEDS_TONE.search(bare)
