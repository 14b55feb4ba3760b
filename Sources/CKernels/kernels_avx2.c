#include "inline.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "simd_avx2.h"

#define KERNELS_NAME "AVX2"
#define KERNELS_FUNCTION penstock_kernels_avx2
#include "kernels.inc.h"

#pragma clang attribute pop

#else

const penstock_kernels *penstock_kernels_avx2(void) { return NULL; }

#endif
