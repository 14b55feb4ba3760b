#include "inline.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,avx512vnni,avx512bf16,amx-tile,amx-bf16,amx-int8"))), apply_to = function)

#define NATIVE_INT8_DOT
#define NATIVE_BFLOAT16
#define NATIVE_BFLOAT16_DOT
#define NATIVE_TILES
#include "amx_tiles.h"
#include "simd_avx512.h"

#define KERNELS_NAME "AMX"
#define KERNELS_FUNCTION penstock_kernels_amx
#include "kernels.inc.h"

#pragma clang attribute pop

#else

const penstock_kernels *penstock_kernels_amx(void) { return NULL; }

#endif
