#include "inline.h"
#include "simd_scalar.h"

#define KERNELS_NAME "scalar"
#define KERNELS_FUNCTION penstock_kernels_scalar
#include "kernels.inc.h"
