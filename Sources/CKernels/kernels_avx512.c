#include "inline.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))), apply_to = function)

#include "simd_avx512.h"

#define KERNELS_NAME "AVX-512"
#define KERNELS_FUNCTION penstock_kernels_avx512
#include "kernels.inc.h"

#pragma clang attribute pop

#else

const penstock_kernels *penstock_kernels_avx512(void) { return NULL; }

#endif
