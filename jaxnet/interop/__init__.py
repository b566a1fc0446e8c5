"""Networks in other formats: StableHLO files, ONNX files, PyTorch modules."""

from jaxnet.interop.exported import Exported
from jaxnet.interop.stablehlo import export, load_exported
from jaxnet.interop.torch import from_torch, to_torch

__all__ = [
    "Exported",
    "export",
    "from_torch",
    "load_exported",
    "to_torch",
]
