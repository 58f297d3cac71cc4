"""The one place where pydub is imported, with the warnings silenced that do not concern us.

pydub joins, pads, fades and overlays sound in memory. It complains at import that there is no
ffmpeg (its codecs are not used here), of `audioop` (Python below 3.13 has it, from 3.13 on the
package audioop-lts does) and, on new Pythons, of the spelling of its regular expressions.
"""

import warnings

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="Couldn't find ff(mpeg|probe)|.*avconv")
    warnings.filterwarnings("ignore", message="'audioop' is deprecated")
    warnings.filterwarnings("ignore", message="invalid escape sequence|.*is an invalid escape")
    from pydub import AudioSegment

__all__ = ["AudioSegment"]
