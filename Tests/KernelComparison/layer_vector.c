// The layer of NEON, or of AVX2.
#include "inline.h"

#define LAYER_FUNCTION vector_layer

#if defined(__aarch64__)

#include "simd_neon.h"

#include "elementary.inc.h"
#include "layer.inc.h"

#else

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#include "simd_avx2.h"

#include "elementary.inc.h"
#include "layer.inc.h"

#pragma clang attribute pop

#endif
