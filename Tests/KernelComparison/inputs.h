// Arguments of elementary functions: a dense grid where the functions bend, and a coarse one over the exponents of all
// finite floats.
#pragma once

#include "comparison.h"

enum { dense_inputs = 60 * 512 + 1, coarse_step = 0xFFF1 };

static inline size_t input_count(void) { return dense_inputs + 2 * (0x7F800000u / coarse_step + 1); }

static inline void choose_inputs(float *x) {
    for (int i = 0; i < dense_inputs; i++) *x++ = (float)(i - 30 * 512) / 512;
    for (uint32_t bits = 0; bits < 0x7F800000u; bits += coarse_step) {
        *x++ = float_of(bits);
        *x++ = -float_of(bits);
    }
}
