// The vector layer of AVX2 with FMA: 8 floats.
#pragma once

#include <immintrin.h>

#define VECTOR_WIDTH 8
#define TILE_ROWS 6
#define TILE_VECTORS 2

typedef __m256 vector;

INLINE __m256i v_first(size_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
INLINE vector v_load(const float *p) { return _mm256_loadu_ps(p); }
INLINE vector v_load_first(const float *p, size_t n, float rest) {
    __m256i mask = v_first(n);
    return _mm256_blendv_ps(_mm256_set1_ps(rest), _mm256_maskload_ps(p, mask), _mm256_castsi256_ps(mask));
}
INLINE void v_store(float *p, vector v) { _mm256_storeu_ps(p, v); }
INLINE void v_store_first(float *p, vector v, size_t n) { _mm256_maskstore_ps(p, v_first(n), v); }
INLINE vector v_set(float x) { return _mm256_set1_ps(x); }
INLINE vector v_add(vector a, vector b) { return _mm256_add_ps(a, b); }
INLINE vector v_sub(vector a, vector b) { return _mm256_sub_ps(a, b); }
INLINE vector v_mul(vector a, vector b) { return _mm256_mul_ps(a, b); }
INLINE vector v_div(vector a, vector b) { return _mm256_div_ps(a, b); }
INLINE vector v_fma(vector a, vector b, vector c) { return _mm256_fmadd_ps(a, b, c); }
INLINE vector v_max(vector a, vector b) { return _mm256_max_ps(a, b); }
INLINE vector v_min(vector a, vector b) { return _mm256_min_ps(a, b); }
INLINE vector v_abs(vector a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
INLINE vector v_copy_sign(vector magnitude, vector sign) {
    vector bit = _mm256_set1_ps(-0.0f);
    return _mm256_or_ps(_mm256_andnot_ps(bit, magnitude), _mm256_and_ps(bit, sign));
}
INLINE vector v_round(vector a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
INLINE vector v_if_less(vector a, vector b, vector yes, vector no) {
    return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}
INLINE vector v_power_of_2(__m256i n) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
}
// In two steps, so that neither factor leaves the normal range.
INLINE vector v_scale_by_power_of_2(vector a, vector n) {
    __m256i whole = _mm256_cvtps_epi32(n);
    __m256i half = _mm256_srai_epi32(whole, 1);
    return v_mul(v_mul(a, v_power_of_2(half)), v_power_of_2(_mm256_sub_epi32(whole, half)));
}
INLINE float v_sum(vector v) {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
INLINE float v_largest(vector v) {
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}
