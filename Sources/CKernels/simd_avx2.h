// The vector layer of AVX2 with FMA: 8 floats.
#pragma once

#include <immintrin.h>

#define VECTOR_WIDTH 8
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define BLOCK_VECTORS 1

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
// x[step·lane + places[lane]]
INLINE vector v_gather(const float *x, int32_t step, const int32_t *places) {
    const __m256i rows = _mm256_mullo_epi32(_mm256_set1_epi32(step), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    return _mm256_i32gather_ps(x, _mm256_add_epi32(rows, _mm256_loadu_si256((const __m256i *)places)), 4);
}
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

// Each bfloat16 in the low half of a unit.
INLINE __m256i v_bfloat16(vector v) {
    const __m256i bits = _mm256_castps_si256(v);
    const __m256i last = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    const __m256i rounded = _mm256_add_epi32(_mm256_add_epi32(bits, _mm256_set1_epi32(0x7FFF)), last);
    const __m256i quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
    const __m256i is_nan = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
    return _mm256_srli_epi32(_mm256_blendv_epi8(rounded, quiet, is_nan), 16);
}
INLINE void v_store_bfloat16(uint16_t *p, vector v) {
    const __m256i units = v_bfloat16(v);
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(units, units), 0x08);
    _mm_storeu_si128((__m128i *)p, _mm256_castsi256_si128(packed));
}
INLINE vector v_load_bfloat16(const uint16_t *p) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p)), 16));
}

INLINE void v_load_pairs(const float *p, vector *even, vector *odd) {
    const vector a = v_load(p), b = v_load(p + 8);
    const vector low = _mm256_permute2f128_ps(a, b, 0x20), high = _mm256_permute2f128_ps(a, b, 0x31);
    *even = _mm256_shuffle_ps(low, high, 0x88);
    *odd = _mm256_shuffle_ps(low, high, 0xDD);
}
INLINE void v_store_pairs(float *p, vector even, vector odd) {
    const vector low = _mm256_unpacklo_ps(even, odd), high = _mm256_unpackhi_ps(even, odd);
    v_store(p, _mm256_permute2f128_ps(low, high, 0x20));
    v_store(p + 8, _mm256_permute2f128_ps(low, high, 0x31));
}
INLINE void v_load_bfloat16_pairs(const uint16_t *p, vector *even, vector *odd) {
    const __m256i units = _mm256_loadu_si256((const __m256i *)p);
    *even = _mm256_castsi256_ps(_mm256_slli_epi32(units, 16));
    *odd = _mm256_castsi256_ps(_mm256_and_si256(units, _mm256_set1_epi32((int)0xFFFF0000u)));
}
INLINE void v_store_bfloat16_pairs(uint16_t *p, vector even, vector odd) {
    _mm256_storeu_si256((__m256i *)p, _mm256_or_si256(v_bfloat16(even), _mm256_slli_epi32(v_bfloat16(odd), 16)));
}

INLINE void v_store_low_bytes(uint8_t *p, vector v) {
    const __m256i first = _mm256_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 4, 8, 12, -1, -1,
                                           -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    const __m256i bytes = _mm256_shuffle_epi8(_mm256_cvtps_epi32(v), first);
    const __m128i both = _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
    _mm_storel_epi64((__m128i *)p, both);
}
// The number that v_dot_int8 takes away from unsigned bytes.
#define DOT_BIAS 0
INLINE vector v_dot_int8(vector a, vector b, vector sum) {
    const __m256i x = _mm256_castps_si256(a), y = _mm256_castps_si256(b), total = _mm256_castps_si256(sum);
#ifdef NATIVE_INT8_DOT
    return _mm256_castsi256_ps(_mm256_dpbusd_avx_epi32(total, x, y));
#else
    const __m256i even = _mm256_madd_epi16(_mm256_and_si256(x, _mm256_set1_epi16(0xFF)),
                                           _mm256_srai_epi16(_mm256_slli_epi16(y, 8), 8));
    const __m256i odd = _mm256_madd_epi16(_mm256_srli_epi16(x, 8), _mm256_srai_epi16(y, 8));
    return _mm256_castsi256_ps(_mm256_add_epi32(total, _mm256_add_epi32(even, odd)));
#endif
}
INLINE vector v_corrected_int8_sum(vector sum, int32_t zero, const int32_t *column_sum) {
    const __m256i correction =
        _mm256_mullo_epi32(_mm256_set1_epi32(zero), _mm256_loadu_si256((const __m256i *)column_sum));
    return _mm256_cvtepi32_ps(_mm256_sub_epi32(_mm256_castps_si256(sum), correction));
}

INLINE vector v_set_int(int32_t x) { return _mm256_castsi256_ps(_mm256_set1_epi32(x)); }
INLINE vector v_of_ints(vector integers) { return _mm256_cvtepi32_ps(_mm256_castps_si256(integers)); }
INLINE vector v_load_half(const uint16_t *p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)); }
INLINE vector v_low_nibbles(vector bytes) {
    return _mm256_castsi256_ps(_mm256_and_si256(_mm256_castps_si256(bytes), _mm256_set1_epi8(15)));
}
INLINE vector v_high_nibbles(vector bytes) {
    const __m256i shifted = _mm256_srli_epi16(_mm256_castps_si256(bytes), 4);
    return _mm256_castsi256_ps(_mm256_and_si256(shifted, _mm256_set1_epi8(15)));
}
// The values that a table of 16 bytes has for bytes below 16.
INLINE vector v_look_up(const uint8_t *table, vector bytes) {
    const __m256i values = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
    return _mm256_castsi256_ps(_mm256_shuffle_epi8(values, _mm256_castps_si256(bytes)));
}
// The bytes with `value` added to each whose bit is set; the bits of a unit are those from 4·column on.
INLINE vector v_add_bits(vector bytes, const uint8_t *bits, size_t column, uint8_t value) {
    int32_t mask;
    __builtin_memcpy(&mask, bits + column / 2, sizeof mask);
    const __m256i spread = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3,
                                            3, 3, 3, 3, 3);
    const __m256i places = _mm256_set1_epi64x((long long)0x8040201008040201u);
    const __m256i all = _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32(mask), spread), places);
    const __m256i added = _mm256_and_si256(_mm256_cmpeq_epi8(all, places), _mm256_set1_epi8((char)value));
    return _mm256_castsi256_ps(_mm256_add_epi8(_mm256_castps_si256(bytes), added));
}

INLINE void v_transpose(const float *source, ptrdiff_t source_stride, float *target, ptrdiff_t target_stride) {
    // Halves of rows r and r + 4 side by side; then 4×4 blocks are transposed within the halves.
    UNROLL for (int half = 0; half < 2; half++) {
        vector row[4];
        UNROLL for (int r = 0; r < 4; r++) {
            const float *p = source + r * source_stride + 4 * half;
            row[r] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), _mm_loadu_ps(p + 4 * source_stride), 1);
        }
        const vector low02 = _mm256_unpacklo_ps(row[0], row[2]), high02 = _mm256_unpackhi_ps(row[0], row[2]);
        const vector low13 = _mm256_unpacklo_ps(row[1], row[3]), high13 = _mm256_unpackhi_ps(row[1], row[3]);
        float *p = target + 4 * half * target_stride;
        v_store(p, _mm256_unpacklo_ps(low02, low13));
        v_store(p + target_stride, _mm256_unpackhi_ps(low02, low13));
        v_store(p + 2 * target_stride, _mm256_unpacklo_ps(high02, high13));
        v_store(p + 3 * target_stride, _mm256_unpackhi_ps(high02, high13));
    }
}
