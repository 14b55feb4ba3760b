// The vector layer of Advanced SIMD (NEON) on 64-bit Arm: 4 floats.
#pragma once

#include <arm_neon.h>

#define VECTOR_WIDTH 4
#define TILE_ROWS 6
#define TILE_VECTORS 4

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
INLINE vector v_set(float x) { return vdupq_n_f32(x); }
INLINE vector v_add(vector a, vector b) { return vaddq_f32(a, b); }
INLINE vector v_sub(vector a, vector b) { return vsubq_f32(a, b); }
INLINE vector v_mul(vector a, vector b) { return vmulq_f32(a, b); }
INLINE vector v_div(vector a, vector b) { return vdivq_f32(a, b); }
INLINE vector v_fma(vector a, vector b, vector c) { return vfmaq_f32(c, a, b); }
INLINE vector v_max(vector a, vector b) { return vmaxq_f32(a, b); }
INLINE vector v_min(vector a, vector b) { return vminq_f32(a, b); }
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
