// The loops that burn the cycles, one table of functions per instruction set.
//
// Every table computes the same formulas from the same source (kernels.inc.h); only the vector layer below differs.
// Each output element is summed over k in ascending order with fused multiply-adds, so a matrix product has the same
// bits in every table, whatever rows and columns are computed beside it.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Columns of one weight panel: a panel is [k][PENSTOCK_PANEL] floats, columns beyond the matrix are zero.
#define PENSTOCK_PANEL 64

typedef enum {
    penstock_activation_none = 0,
    penstock_activation_relu,
    penstock_activation_gelu,        ///< x·Φ(x), with erf
    penstock_activation_gelu_tanh,   ///< ½x·(1 + tanh(√(2/π)·(x + 0.044715x³)))
    penstock_activation_gelu_quick,  ///< x·σ(1.702x)
    penstock_activation_silu,        ///< x·σ(x)
    penstock_activation_sigmoid,
    penstock_activation_tanh,
} penstock_activation;

/// What happens to a sum before it is stored: c = activation(scale·sum + bias[column]) + residual[row][column].
typedef struct {
    float scale;
    const float *bias;      ///< n values, or null
    penstock_activation activation;
    const float *residual;  ///< m rows, or null; must not overlap c
    ptrdiff_t residual_stride;
} penstock_epilogue;

typedef struct {
    const char *name;

    /// c[m][n] = epilogue(a[m][k] · b[k][n]). Strides are in floats. n is at most PENSTOCK_PANEL; b is read and c
    /// written in the first n columns only. c must overlap neither a nor b.
    void (*matrix_product)(size_t m, size_t n, size_t k, const float *a, ptrdiff_t a_stride, const float *b,
                           ptrdiff_t b_stride, float *c, ptrdiff_t c_stride, const penstock_epilogue *epilogue);

    /// y = (x - mean) / sqrt(variance + epsilon) · gain + shift over n values, n > 0. y may be x.
    void (*layer_norm)(size_t n, const float *x, const float *gain, const float *shift, float epsilon, float *y);

    /// x = exp(x - max x) / Σ exp(x - max x) in place, n > 0. A NaN or +∞ among the values makes all of them NaN.
    void (*softmax)(size_t n, float *x);

    /// y = activation(x) over n values. y may be x.
    void (*activate)(size_t n, const float *x, penstock_activation activation, float *y);

    /// y += x over n values.
    void (*add)(size_t n, const float *x, float *y);
} penstock_kernels;

/// The reference: one value at a time.
const penstock_kernels *penstock_kernels_scalar(void);
/// Null where the compiler's target has no such instructions.
const penstock_kernels *penstock_kernels_avx2(void);
const penstock_kernels *penstock_kernels_avx512(void);
const penstock_kernels *penstock_kernels_neon(void);

/// Whether this processor and its operating system run the instructions of the table.
int penstock_cpu_has_avx2_fma(void);
int penstock_cpu_has_avx512(void);

typedef enum {
    penstock_float32 = 0,
    penstock_float16,
    penstock_bfloat16,
} penstock_element;

/// Widens n little-endian elements to floats. The source needs no alignment.
void penstock_widen(size_t n, const void *source, penstock_element element, float *destination);

/// Transposes `columns` rows of k floats (source_stride floats apart) into columns of a panel [k][panel_stride].
void penstock_transpose(size_t columns, size_t k, const float *source, ptrdiff_t source_stride, float *panel,
                        ptrdiff_t panel_stride);

/// Tells the core that the caller is in a spin loop.
static inline void penstock_spin_hint(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ volatile("yield");
#endif
}
