// The vector layer of one value: the reference that the other layers are tested against.
#pragma once

#include <math.h>

#define VECTOR_WIDTH 1
#define TILE_ROWS 4
#define TILE_VECTORS 4

typedef float vector;

INLINE vector v_load(const float *p) { return *p; }
INLINE vector v_load_first(const float *p, size_t n, float rest) { return n ? *p : rest; }
INLINE void v_store(float *p, vector v) { *p = v; }
INLINE void v_store_first(float *p, vector v, size_t n) { if (n) *p = v; }
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
INLINE vector v_scale_by_power_of_2(vector a, vector n) { return ldexpf(a, (int)n); }
INLINE float v_sum(vector v) { return v; }
INLINE float v_largest(vector v) { return v; }
