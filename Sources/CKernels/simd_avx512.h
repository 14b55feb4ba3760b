// The vector layer of AVX-512F: 16 floats.
#pragma once

#include <immintrin.h>

#define VECTOR_WIDTH 16
#define TILE_ROWS 6
#define TILE_VECTORS 4
#define BLOCK_VECTORS 2

typedef __m512 vector;

INLINE __mmask16 v_first(size_t n) { return (__mmask16)((1u << n) - 1); }
INLINE vector v_load(const float *p) { return _mm512_loadu_ps(p); }
INLINE vector v_load_first(const float *p, size_t n, float rest) {
    return _mm512_mask_loadu_ps(_mm512_set1_ps(rest), v_first(n), p);
}
INLINE void v_store(float *p, vector v) { _mm512_storeu_ps(p, v); }
INLINE void v_store_first(float *p, vector v, size_t n) { _mm512_mask_storeu_ps(p, v_first(n), v); }
// x[step·lane + places[lane]]
INLINE vector v_gather(const float *x, int32_t step, const int32_t *places) {
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i rows = _mm512_mullo_epi32(_mm512_set1_epi32(step), lanes);
    return _mm512_i32gather_ps(_mm512_add_epi32(rows, _mm512_loadu_si512(places)), x, 4);
}
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

#ifdef NATIVE_BFLOAT16
INLINE __m256i v_bfloat16(vector v) { return (__m256i)_mm512_cvtneps_pbh(v); }
#else
INLINE __m256i v_bfloat16(vector v) {
    const __m512i bits = _mm512_castps_si512(v);
    const __m512i last = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    __m512i rounded = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7FFF)), last);
    const __m512i quiet = _mm512_or_si512(bits, _mm512_set1_epi32(0x400000));
    rounded = _mm512_mask_mov_epi32(rounded, _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q), quiet);
    return _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16));
}
#endif
#ifdef NATIVE_BFLOAT16_DOT
INLINE vector v_dot_bfloat16(vector a, vector b, vector sum) {
    return _mm512_dpbf16_ps(sum, (__m512bh)_mm512_castps_si512(a), (__m512bh)_mm512_castps_si512(b));
}
#endif
INLINE void v_store_bfloat16(uint16_t *p, vector v) { _mm256_storeu_si256((__m256i *)p, v_bfloat16(v)); }
INLINE vector v_load_bfloat16(const uint16_t *p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}

INLINE void v_load_pairs(const float *p, vector *even, vector *odd) {
    const __m512i first = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const vector a = v_load(p), b = v_load(p + 16);
    *even = _mm512_permutex2var_ps(a, first, b);
    *odd = _mm512_permutex2var_ps(a, _mm512_add_epi32(first, _mm512_set1_epi32(1)), b);
}
INLINE void v_store_pairs(float *p, vector even, vector odd) {
    const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    v_store(p, _mm512_permutex2var_ps(even, low, odd));
    v_store(p + 16, _mm512_permutex2var_ps(even, _mm512_add_epi32(low, _mm512_set1_epi32(8)), odd));
}
INLINE void v_load_bfloat16_pairs(const uint16_t *p, vector *even, vector *odd) {
    const __m512i units = _mm512_loadu_si512(p);
    *even = _mm512_castsi512_ps(_mm512_slli_epi32(units, 16));
    *odd = _mm512_castsi512_ps(_mm512_and_si512(units, _mm512_set1_epi32((int)0xFFFF0000u)));
}
INLINE void v_store_bfloat16_pairs(uint16_t *p, vector even, vector odd) {
    const __m512i low = _mm512_cvtepu16_epi32(v_bfloat16(even)), high = _mm512_cvtepu16_epi32(v_bfloat16(odd));
    _mm512_storeu_si512(p, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
}

INLINE void v_store_low_bytes(uint8_t *p, vector v) {
    _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(v)));
}
// The number that v_dot_int8 takes away from unsigned bytes.
#define DOT_BIAS 0
INLINE vector v_dot_int8(vector a, vector b, vector sum) {
    const __m512i x = _mm512_castps_si512(a), y = _mm512_castps_si512(b), total = _mm512_castps_si512(sum);
#ifdef NATIVE_INT8_DOT
    return _mm512_castsi512_ps(_mm512_dpbusd_epi32(total, x, y));
#else
    const __m512i even = _mm512_madd_epi16(_mm512_and_si512(x, _mm512_set1_epi16(0xFF)),
                                           _mm512_srai_epi16(_mm512_slli_epi16(y, 8), 8));
    const __m512i odd = _mm512_madd_epi16(_mm512_srli_epi16(x, 8), _mm512_srai_epi16(y, 8));
    return _mm512_castsi512_ps(_mm512_add_epi32(total, _mm512_add_epi32(even, odd)));
#endif
}
INLINE vector v_corrected_int8_sum(vector sum, int32_t zero, const int32_t *column_sum) {
    const __m512i correction = _mm512_mullo_epi32(_mm512_set1_epi32(zero), _mm512_loadu_si512(column_sum));
    return _mm512_cvtepi32_ps(_mm512_sub_epi32(_mm512_castps_si512(sum), correction));
}

INLINE vector v_set_int(int32_t x) { return _mm512_castsi512_ps(_mm512_set1_epi32(x)); }
INLINE vector v_of_ints(vector integers) { return _mm512_cvtepi32_ps(_mm512_castps_si512(integers)); }
INLINE vector v_load_half(const uint16_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
INLINE vector v_low_nibbles(vector bytes) {
    return _mm512_castsi512_ps(_mm512_and_si512(_mm512_castps_si512(bytes), _mm512_set1_epi8(15)));
}
INLINE vector v_high_nibbles(vector bytes) {
    const __m512i shifted = _mm512_srli_epi16(_mm512_castps_si512(bytes), 4);
    return _mm512_castsi512_ps(_mm512_and_si512(shifted, _mm512_set1_epi8(15)));
}
// The values that a table of 16 bytes has for bytes below 16.
INLINE vector v_look_up(const uint8_t *table, vector bytes) {
    const __m512i values = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)table));
    return _mm512_castsi512_ps(_mm512_shuffle_epi8(values, _mm512_castps_si512(bytes)));
}
// The bytes with `value` added to each whose bit is set; the bits of a unit are those from 4·column on.
INLINE vector v_add_bits(vector bytes, const uint8_t *bits, size_t column, uint8_t value) {
    uint64_t mask;
    __builtin_memcpy(&mask, bits + column / 2, sizeof mask);
    const __m512i x = _mm512_castps_si512(bytes);
    return _mm512_castsi512_ps(_mm512_mask_add_epi8(x, mask, x, _mm512_set1_epi8((char)value)));
}

INLINE void v_transpose(const float *source, ptrdiff_t source_stride, float *target, ptrdiff_t target_stride) {
    // Quarters of rows r, r + 4, r + 8, r + 12 side by side; then 4×4 blocks are transposed within the quarters.
    vector quarters[16];
    UNROLL for (int quarter = 0; quarter < 4; quarter++)
        UNROLL for (int r = 0; r < 4; r++) {
            const float *p = source + r * source_stride + 4 * quarter;
            vector v = _mm512_castps128_ps512(_mm_loadu_ps(p));
            v = _mm512_insertf32x4(v, _mm_loadu_ps(p + 4 * source_stride), 1);
            v = _mm512_insertf32x4(v, _mm_loadu_ps(p + 8 * source_stride), 2);
            quarters[4 * quarter + r] = _mm512_insertf32x4(v, _mm_loadu_ps(p + 12 * source_stride), 3);
        }
    UNROLL for (int quarter = 0; quarter < 4; quarter++) {
        const vector *row = quarters + 4 * quarter;
        const vector low02 = _mm512_unpacklo_ps(row[0], row[2]), high02 = _mm512_unpackhi_ps(row[0], row[2]);
        const vector low13 = _mm512_unpacklo_ps(row[1], row[3]), high13 = _mm512_unpackhi_ps(row[1], row[3]);
        float *p = target + 4 * quarter * target_stride;
        v_store(p, _mm512_unpacklo_ps(low02, low13));
        v_store(p + target_stride, _mm512_unpackhi_ps(low02, low13));
        v_store(p + 2 * target_stride, _mm512_unpacklo_ps(high02, high13));
        v_store(p + 3 * target_stride, _mm512_unpackhi_ps(high02, high13));
    }
}
