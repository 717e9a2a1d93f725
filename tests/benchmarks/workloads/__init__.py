"""Programs as NumPy users write them, each with the gradient that an expert writes by hand."""

from tests.benchmarks.workloads.elementwise import ELEMENTWISE
from tests.benchmarks.workloads.gradbench import GRADBENCH
from tests.benchmarks.workloads.products import PRODUCTS
from tests.benchmarks.workloads.scalars import SCALARS
from tests.benchmarks.workloads.stencils import STENCILS
from tests.benchmarks.workloads.training import TRAINING
from tests.benchmarks.workloads.workload import SIZES, Workload

WORKLOADS: tuple[Workload, ...] = (
    *TRAINING,
    *GRADBENCH,
    *PRODUCTS,
    *ELEMENTWISE,
    *STENCILS,
    *SCALARS,
)
