// The vector layer of Advanced SIMD (NEON) on 64-bit Arm: 4 floats.
#pragma once

#include <arm_neon.h>

#define VECTOR_WIDTH 4
#define TILE_ROWS 6
#define TILE_VECTORS 4
#define BLOCK_VECTORS 2

typedef float32x4_t vector;

INLINE vector v_load(const float *p) { return vld1q_f32(p); }
INLINE vector v_load_first(const float *p, size_t n, float rest) {
    float lanes[4] = {rest, rest, rest, rest};
    for (size_t i = 0; i < n; i++) lanes[i] = p[i];
    return vld1q_f32(lanes);
}
INLINE void v_store(float *p, vector v) { vst1q_f32(p, v); }
INLINE void v_store_first(float *p, vector v, size_t n) {
    float lanes[4];
    vst1q_f32(lanes, v);
    for (size_t i = 0; i < n; i++) p[i] = lanes[i];
}
// x[step·lane + places[lane]]
INLINE vector v_gather(const float *x, int32_t step, const int32_t *places) {
    const float numbers[4] = {x[places[0]], x[step + places[1]], x[2 * step + places[2]], x[3 * step + places[3]]};
    return vld1q_f32(numbers);
}
INLINE vector v_set(float x) { return vdupq_n_f32(x); }
INLINE vector v_add(vector a, vector b) { return vaddq_f32(a, b); }
INLINE vector v_sub(vector a, vector b) { return vsubq_f32(a, b); }
INLINE vector v_mul(vector a, vector b) { return vmulq_f32(a, b); }
INLINE vector v_div(vector a, vector b) { return vdivq_f32(a, b); }
INLINE vector v_fma(vector a, vector b, vector c) { return vfmaq_f32(c, a, b); }
// The second value where they are equal, which matters for zeros, or where one is NaN: FMAX and FMIN choose otherwise.
INLINE vector v_max(vector a, vector b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
INLINE vector v_min(vector a, vector b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
INLINE vector v_abs(vector a) { return vabsq_f32(a); }
INLINE vector v_copy_sign(vector magnitude, vector sign) {
    return vbslq_f32(vdupq_n_u32(0x80000000u), sign, magnitude);
}
INLINE vector v_round(vector a) { return vrndnq_f32(a); }
INLINE vector v_if_less(vector a, vector b, vector yes, vector no) { return vbslq_f32(vcltq_f32(a, b), yes, no); }
INLINE vector v_power_of_2(int32x4_t n) {
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(n, vdupq_n_s32(127)), 23));
}
// In two steps, so that neither factor leaves the normal range.
INLINE vector v_scale_by_power_of_2(vector a, vector n) {
    int32x4_t whole = vcvtnq_s32_f32(n);
    int32x4_t half = vshrq_n_s32(whole, 1);
    return v_mul(v_mul(a, v_power_of_2(half)), v_power_of_2(vsubq_s32(whole, half)));
}
INLINE float v_sum(vector v) { return vaddvq_f32(v); }
INLINE float v_largest(vector v) { return vmaxvq_f32(v); }

#ifdef NATIVE_BFLOAT16_DOT
INLINE vector v_dot_bfloat16(vector a, vector b, vector sum) {
    return vbfdotq_f32(sum, vreinterpretq_bf16_f32(a), vreinterpretq_bf16_f32(b));
}
#endif
// Each bfloat16 in the low half of a unit.
INLINE uint32x4_t v_bfloat16(vector v) {
    const uint32x4_t bits = vreinterpretq_u32_f32(v);
    const uint32x4_t last = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
    const uint32x4_t rounded = vaddq_u32(vaddq_u32(bits, vdupq_n_u32(0x7FFF)), last);
    const uint32x4_t quiet = vorrq_u32(bits, vdupq_n_u32(0x400000));
    return vshrq_n_u32(vbslq_u32(vceqq_f32(v, v), rounded, quiet), 16);
}
INLINE void v_store_bfloat16(uint16_t *p, vector v) { vst1_u16(p, vmovn_u32(v_bfloat16(v))); }
INLINE vector v_load_bfloat16(const uint16_t *p) { return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p), 16)); }

INLINE void v_load_pairs(const float *p, vector *even, vector *odd) {
    const float32x4x2_t pairs = vld2q_f32(p);
    *even = pairs.val[0];
    *odd = pairs.val[1];
}
INLINE void v_store_pairs(float *p, vector even, vector odd) {
    const float32x4x2_t pairs = {{even, odd}};
    vst2q_f32(p, pairs);
}
INLINE void v_load_bfloat16_pairs(const uint16_t *p, vector *even, vector *odd) {
    const uint16x4x2_t pairs = vld2_u16(p);
    *even = vreinterpretq_f32_u32(vshll_n_u16(pairs.val[0], 16));
    *odd = vreinterpretq_f32_u32(vshll_n_u16(pairs.val[1], 16));
}
INLINE void v_store_bfloat16_pairs(uint16_t *p, vector even, vector odd) {
    const uint16x4x2_t pairs = {{vmovn_u32(v_bfloat16(even)), vmovn_u32(v_bfloat16(odd))}};
    vst2_u16(p, pairs);
}

INLINE void v_store_low_bytes(uint8_t *p, vector v) {
    const uint32x4_t bytes = vreinterpretq_u32_s32(vcvtnq_s32_f32(v));
    for (int i = 0; i < 4; i++) p[i] = (uint8_t)bytes[i];
}
// The number that v_dot_int8 takes away from unsigned bytes.
#define DOT_BIAS 128
// The products are of signed bytes: 128 less than the unsigned ones, which the correction takes into account.
INLINE vector v_dot_int8(vector a, vector b, vector sum) {
    const int8x16_t x = vreinterpretq_s8_u8(veorq_u8(vreinterpretq_u8_f32(a), vdupq_n_u8(0x80)));
    const int8x16_t y = vreinterpretq_s8_f32(b);
    const int32x4_t total = vreinterpretq_s32_f32(sum);
#ifdef NATIVE_INT8_DOT
    return vreinterpretq_f32_s32(vdotq_s32(total, x, y));
#else
    const int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(x), vget_low_s8(y)));
    const int32x4_t high = vpaddlq_s16(vmull_s8(vget_high_s8(x), vget_high_s8(y)));
    return vreinterpretq_f32_s32(vaddq_s32(total, vpaddq_s32(low, high)));
#endif
}
INLINE vector v_corrected_int8_sum(vector sum, int32_t zero, const int32_t *column_sum) {
    return vcvtq_f32_s32(vmlsq_n_s32(vreinterpretq_s32_f32(sum), vld1q_s32(column_sum), zero - 128));
}

INLINE vector v_set_int(int32_t x) { return vreinterpretq_f32_s32(vdupq_n_s32(x)); }
INLINE vector v_of_ints(vector integers) { return vcvtq_f32_s32(vreinterpretq_s32_f32(integers)); }
INLINE vector v_load_half(const uint16_t *p) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))); }
INLINE vector v_low_nibbles(vector bytes) {
    return vreinterpretq_f32_u8(vandq_u8(vreinterpretq_u8_f32(bytes), vdupq_n_u8(15)));
}
INLINE vector v_high_nibbles(vector bytes) {
    return vreinterpretq_f32_u8(vshrq_n_u8(vreinterpretq_u8_f32(bytes), 4));
}
// The values that a table of 16 bytes has for bytes below 16.
INLINE vector v_look_up(const uint8_t *table, vector bytes) {
    return vreinterpretq_f32_u8(vqtbl1q_u8(vld1q_u8(table), vreinterpretq_u8_f32(bytes)));
}
// The bytes with `value` added to each whose bit is set; the bits of a unit are those from 4·column on.
INLINE vector v_add_bits(vector bytes, const uint8_t *bits, size_t column, uint8_t value) {
    const uint8x16_t places = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201u));
    const uint8x16_t all = vcombine_u8(vdup_n_u8(bits[column / 2]), vdup_n_u8(bits[column / 2 + 1]));
    const uint8x16_t added = vandq_u8(vtstq_u8(all, places), vdupq_n_u8(value));
    return vreinterpretq_f32_u8(vaddq_u8(vreinterpretq_u8_f32(bytes), added));
}

INLINE void v_transpose(const float *source, ptrdiff_t source_stride, float *target, ptrdiff_t target_stride) {
    const float32x4x2_t even = vtrnq_f32(v_load(source), v_load(source + source_stride));
    const float32x4x2_t odd = vtrnq_f32(v_load(source + 2 * source_stride), v_load(source + 3 * source_stride));
    v_store(target, vcombine_f32(vget_low_f32(even.val[0]), vget_low_f32(odd.val[0])));
    v_store(target + target_stride, vcombine_f32(vget_low_f32(even.val[1]), vget_low_f32(odd.val[1])));
    v_store(target + 2 * target_stride, vcombine_f32(vget_high_f32(even.val[0]), vget_high_f32(odd.val[0])));
    v_store(target + 3 * target_stride, vcombine_f32(vget_high_f32(even.val[1]), vget_high_f32(odd.val[1])));
}
