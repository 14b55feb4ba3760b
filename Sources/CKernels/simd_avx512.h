// The vector layer of AVX-512F: 16 floats.
#pragma once

#include <immintrin.h>

#define VECTOR_WIDTH 16
#define TILE_ROWS 6
#define TILE_VECTORS 4

typedef __m512 vector;

INLINE __mmask16 v_first(size_t n) { return (__mmask16)((1u << n) - 1); }
INLINE vector v_load(const float *p) { return _mm512_loadu_ps(p); }
INLINE vector v_load_first(const float *p, size_t n, float rest) {
    return _mm512_mask_loadu_ps(_mm512_set1_ps(rest), v_first(n), p);
}
INLINE void v_store(float *p, vector v) { _mm512_storeu_ps(p, v); }
INLINE void v_store_first(float *p, vector v, size_t n) { _mm512_mask_storeu_ps(p, v_first(n), v); }
INLINE vector v_set(float x) { return _mm512_set1_ps(x); }
INLINE vector v_add(vector a, vector b) { return _mm512_add_ps(a, b); }
INLINE vector v_sub(vector a, vector b) { return _mm512_sub_ps(a, b); }
INLINE vector v_mul(vector a, vector b) { return _mm512_mul_ps(a, b); }
INLINE vector v_div(vector a, vector b) { return _mm512_div_ps(a, b); }
INLINE vector v_fma(vector a, vector b, vector c) { return _mm512_fmadd_ps(a, b, c); }
INLINE vector v_max(vector a, vector b) { return _mm512_max_ps(a, b); }
INLINE vector v_min(vector a, vector b) { return _mm512_min_ps(a, b); }
INLINE vector v_abs(vector a) { return _mm512_abs_ps(a); }
INLINE vector v_copy_sign(vector magnitude, vector sign) {
    __m512i bits = _mm512_ternarylogic_epi32(_mm512_set1_epi32((int)0x80000000u), _mm512_castps_si512(sign),
                                             _mm512_castps_si512(magnitude), 0xCA);
    return _mm512_castsi512_ps(bits);
}
INLINE vector v_round(vector a) {
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
INLINE vector v_if_less(vector a, vector b, vector yes, vector no) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), no, yes);
}
INLINE vector v_scale_by_power_of_2(vector a, vector n) { return _mm512_scalef_ps(a, n); }
INLINE float v_sum(vector v) { return _mm512_reduce_add_ps(v); }
INLINE float v_largest(vector v) { return _mm512_reduce_max_ps(v); }
