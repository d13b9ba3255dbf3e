"""Names for arrays of numpy, by what they hold."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[Any]
"""int64 where nothing can overflow, else Python ints."""

Index = NDArray[np.intp]
Flags = NDArray[np.bool_]
