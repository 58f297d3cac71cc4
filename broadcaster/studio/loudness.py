"""Loudness from energies: gating (ITU-R BS.1770-4) and loudness range (EBU Tech 3342)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Energies = npt.NDArray[np.float64]  # K-weighted mean square for each 100 ms, channels summed

SILENT = float("-inf")


def integrated(energies: Energies) -> float:
    """Programme loudness in LUFS; minus infinity when nothing passes the gates."""
    blocks = _sliding(energies, 4)  # 400 ms with an overlap of 75 %
    loud = blocks[_lufs(blocks) > -70]
    if not loud.size:
        return SILENT
    gated = loud[_lufs(loud) > _lufs(loud.mean()) - 10]
    return float(_lufs(gated.mean()))


def range_lu(energies: Energies) -> float:
    """Loudness range in LU; 0 for sound shorter than 3 s."""
    blocks = _sliding(energies, 30)
    loud = blocks[_lufs(blocks) > -70]
    if not loud.size:
        return 0.0
    gated = _lufs(loud[_lufs(loud) > _lufs(loud.mean()) - 20])
    low, high = np.percentile(gated, (10, 95))
    return float(high - low)


def _lufs(energy: npt.NDArray[np.float64] | np.float64) -> npt.NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10 * np.log10(energy))


def _sliding(energies: Energies, width: int) -> Energies:
    """Means over `width` neighbours."""
    if len(energies) < width:
        return np.zeros(0)
    windows = np.lib.stride_tricks.sliding_window_view(energies, width)
    return np.asarray(windows.mean(axis=1), np.float64)
