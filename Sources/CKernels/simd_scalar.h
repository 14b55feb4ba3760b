// The vector layer of one value: the reference that the other layers are tested against.
#pragma once

#include <math.h>
#include <string.h>

#define VECTOR_WIDTH 1
#define TILE_ROWS 4
#define TILE_VECTORS 4
#define BLOCK_VECTORS 2

typedef float vector;

INLINE vector v_load(const float *p) { return *p; }
INLINE vector v_load_first(const float *p, size_t n, float rest) { return n ? *p : rest; }
INLINE void v_store(float *p, vector v) { *p = v; }
INLINE void v_store_first(float *p, vector v, size_t n) { if (n) *p = v; }
// x[places[0]]: there is one lane.
INLINE vector v_gather(const float *x, int32_t step, const int32_t *places) {
    (void)step;
    return x[places[0]];
}
INLINE vector v_set(float x) { return x; }
INLINE vector v_add(vector a, vector b) { return a + b; }
INLINE vector v_sub(vector a, vector b) { return a - b; }
INLINE vector v_mul(vector a, vector b) { return a * b; }
INLINE vector v_div(vector a, vector b) { return a / b; }
INLINE vector v_fma(vector a, vector b, vector c) { return fmaf(a, b, c); }
INLINE vector v_max(vector a, vector b) { return a > b ? a : b; }
INLINE vector v_min(vector a, vector b) { return a < b ? a : b; }
INLINE vector v_abs(vector a) { return fabsf(a); }
INLINE vector v_copy_sign(vector magnitude, vector sign) { return copysignf(magnitude, sign); }
INLINE vector v_round(vector a) { return rintf(a); }
INLINE vector v_if_less(vector a, vector b, vector yes, vector no) { return a < b ? yes : no; }
// If n is not finite, a is NaN, and any integer will do.
INLINE vector v_scale_by_power_of_2(vector a, vector n) {
    return ldexpf(a, (int)v_max(-1000.0f, v_min(n, 1000.0f)));
}
INLINE float v_sum(vector v) { return v; }
INLINE float v_largest(vector v) { return v; }
INLINE uint32_t v_bits(vector v) {
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}
INLINE vector v_of_bits(uint32_t bits) {
    vector v;
    memcpy(&v, &bits, sizeof v);
    return v;
}
INLINE uint16_t to_bfloat16(float x) {
    const uint32_t bits = v_bits(x);
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return (uint16_t)(bits >> 16 | 0x40u);
    return (uint16_t)((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}
INLINE void v_store_bfloat16(uint16_t *p, vector v) { *p = to_bfloat16(v); }
INLINE vector v_load_bfloat16(const uint16_t *p) { return v_of_bits((uint32_t)*p << 16); }
INLINE void v_load_pairs(const float *p, vector *even, vector *odd) {
    *even = p[0];
    *odd = p[1];
}
INLINE void v_store_pairs(float *p, vector even, vector odd) {
    p[0] = even;
    p[1] = odd;
}
INLINE void v_load_bfloat16_pairs(const uint16_t *p, vector *even, vector *odd) {
    *even = v_load_bfloat16(p);
    *odd = v_load_bfloat16(p + 1);
}
INLINE void v_store_bfloat16_pairs(uint16_t *p, vector even, vector odd) {
    p[0] = to_bfloat16(even);
    p[1] = to_bfloat16(odd);
}
INLINE void v_store_low_bytes(uint8_t *p, vector v) {
    // Whatever is no number has a scale that is none.
    *p = v == v ? (uint8_t)(int)rintf(v) : 0;
}
// The number that v_dot_int8 takes away from unsigned bytes.
#define DOT_BIAS 0
INLINE vector v_dot_int8(vector a, vector b, vector sum) {
    const uint32_t x = v_bits(a), y = v_bits(b);
    uint32_t total = v_bits(sum);
    for (int i = 0; i < 32; i += 8) total += (uint32_t)((int)(uint8_t)(x >> i) * (int)(int8_t)(uint8_t)(y >> i));
    return v_of_bits(total);
}
INLINE vector v_corrected_int8_sum(vector sum, int32_t zero, const int32_t *column_sum) {
    return (float)((int32_t)v_bits(sum) - zero * *column_sum);
}
INLINE vector v_set_int(int32_t x) { return v_of_bits((uint32_t)x); }
INLINE vector v_of_ints(vector integers) { return (float)(int32_t)v_bits(integers); }
INLINE vector v_load_half(const uint16_t *p) {
    float value;
    penstock_widen(1, p, penstock_float16, &value);
    return value;
}
INLINE vector v_low_nibbles(vector bytes) { return v_of_bits(v_bits(bytes) & 0x0F0F0F0Fu); }
INLINE vector v_high_nibbles(vector bytes) { return v_of_bits(v_bits(bytes) >> 4 & 0x0F0F0F0Fu); }
// The values that a table of 16 bytes has for bytes below 16.
INLINE vector v_look_up(const uint8_t *table, vector bytes) {
    uint32_t values = 0;
    for (int i = 0; i < 32; i += 8) values |= (uint32_t)table[v_bits(bytes) >> i & 15] << i;
    return v_of_bits(values);
}
// The bytes with `value` added to each whose bit is set; the bits of a unit are those from 4·column on.
INLINE vector v_add_bits(vector bytes, const uint8_t *bits, size_t column, uint8_t value) {
    const uint32_t unit = (uint32_t)bits[column / 2] >> (column % 2 * 4) & 15;
    uint32_t added = 0;
    for (int i = 0; i < 4; i++) added |= (unit >> i & 1) * value << 8 * i;
    return v_of_bits(v_bits(bytes) + added);
}

INLINE void v_transpose(const float *source, ptrdiff_t source_stride, float *target, ptrdiff_t target_stride) {
    (void)source_stride;
    (void)target_stride;
    *target = *source;
}
