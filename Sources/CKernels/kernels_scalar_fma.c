#include "inline.h"

#if defined(__x86_64__)

#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("fma"))), apply_to = function)

#include "simd_scalar.h"

#define KERNELS_NAME "scalar"
#define KERNELS_FUNCTION penstock_kernels_scalar_fma
#include "kernels.inc.h"

#pragma clang attribute pop

#else

const penstock_kernels *penstock_kernels_scalar_fma(void) { return NULL; }

#endif
