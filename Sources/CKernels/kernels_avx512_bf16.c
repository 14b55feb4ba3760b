#include "inline.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,avx512vnni,avx512bf16"))), apply_to = function)

#define NATIVE_INT8_DOT
#define NATIVE_BFLOAT16
#define NATIVE_BFLOAT16_DOT
#include "simd_avx512.h"

#define KERNELS_NAME "AVX-512 BF16"
#define KERNELS_FUNCTION penstock_kernels_avx512_bf16
#include "kernels.inc.h"

#pragma clang attribute pop

#else

const penstock_kernels *penstock_kernels_avx512_bf16(void) { return NULL; }

#endif
