// For processors whose dot products of bfloat16 take longer than fused multiply-adds of as many floats.

#include "inline.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,avx512vnni,avx512bf16"))), apply_to = function)

#define NATIVE_INT8_DOT
#define NATIVE_BFLOAT16
#include "simd_avx512.h"

#define KERNELS_NAME "AVX-512 BF16, products by FMA"
#define KERNELS_FUNCTION penstock_kernels_avx512_bf16_fma
#include "kernels.inc.h"

#pragma clang attribute pop

#else

const penstock_kernels *penstock_kernels_avx512_bf16_fma(void) { return NULL; }

#endif
