#include "inline.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#pragma clang attribute push(__attribute__((target("dotprod,bf16"))), apply_to = function)

#define NATIVE_INT8_DOT
#define NATIVE_BFLOAT16
#define NATIVE_BFLOAT16_DOT
#include "simd_neon.h"

#define KERNELS_NAME "NEON BF16"
#define KERNELS_FUNCTION penstock_kernels_neon_bf16
#include "kernels.inc.h"

#pragma clang attribute pop

#else

const penstock_kernels *penstock_kernels_neon_bf16(void) { return NULL; }

#endif
