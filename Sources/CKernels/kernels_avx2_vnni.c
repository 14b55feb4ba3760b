#include "inline.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)

#define NATIVE_INT8_DOT
#include "simd_avx2.h"

#define KERNELS_NAME "AVX2 VNNI"
#define KERNELS_FUNCTION penstock_kernels_avx2_vnni
#include "kernels.inc.h"

#pragma clang attribute pop

#else

const penstock_kernels *penstock_kernels_avx2_vnni(void) { return NULL; }

#endif
