#include "inline.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#define NATIVE_INT8_DOT
#include "simd_neon.h"

#define KERNELS_NAME "NEON dotprod"
#define KERNELS_FUNCTION penstock_kernels_neon_dotprod
#include "kernels.inc.h"

#pragma clang attribute pop

#else

const penstock_kernels *penstock_kernels_neon_dotprod(void) { return NULL; }

#endif
