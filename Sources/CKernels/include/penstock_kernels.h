// The loops that burn the cycles, one table of functions per instruction set.
//
// Every table computes the same formulas from the same source (kernels.inc.h); only the vector layer below differs.
// Each output element is summed over k in ascending order, whatever rows and columns are computed beside it. A product of
// floats, by fused multiply-adds, and one of bytes, which is exact, have the same bits in every table, one of bfloat16 in
// every table without an instruction for it; so have activations, gates, rotations and gathered sums, whose numbers do not
// depend on one another.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "penstock_blocks.h"

/// Columns of a panel: a panel is [units of k][PENSTOCK_PANEL], columns beyond the matrix are zero.
#define PENSTOCK_PANEL 64

/// The most rows of one product.
#define PENSTOCK_ROWS 96

/// A way to store the numbers of a product. A unit is 32 bits of consecutive k: 1, 2 or 4 numbers; the numbers that are
/// missing in the last unit of a row are zero in the panel and finite in the rows.
typedef enum {
    penstock_precision_float32 = 0,
    penstock_precision_bfloat16,  ///< products and sums in single precision
    penstock_precision_int8,      ///< rows of unsigned bytes, panels of signed bytes, exact 32-bit sums
} penstock_precision;

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

/// The left operand, [m][k]. A byte q of row r stands for (q - zero[r])·scale[r], a number x of another precision for
/// x·scale[r].
typedef struct {
    const void *units;
    ptrdiff_t stride;     ///< units
    const float *scale;   ///< m values, or null for 1
    const int32_t *zero;  ///< m values; for bytes only, else null
} penstock_rows;

/// The right operand, [k][n]. A byte q of column c stands for q·scale[c].
typedef struct {
    const void *units;
    const float *scale;  ///< PENSTOCK_PANEL values; for bytes only, else null
    const int32_t *sum;  ///< the sum of each column's bytes: PENSTOCK_PANEL values; for bytes only, else null
    const void *next;    ///< the units of the panel that is likely to be multiplied next, to be fetched; or null
    int is_fetched;      ///< whether this panel was the next one of the product before
} penstock_panel;

/// The steps that a sum goes through before it is stored: c = activation(sum + bias[column]) + residual[row][column].
typedef struct {
    int is_rounded;     ///< whether c is of bfloat16, a last unit filled with zero, else it is of floats
    const float *bias;  ///< n values, or null
    penstock_activation activation;
    int is_coarse;  ///< whether the activation may be off by 2e-5
    const float *residual;  ///< m rows, or null; must not overlap c
    ptrdiff_t residual_stride;
} penstock_epilogue;

/// The scores of one query with each key, and the keys that it sees.
typedef struct {
    size_t count;          ///< keys
    size_t first, end;     ///< those that it sees: first < end ≤ count
    const float *scores;   ///< count values
    const float *addends;  ///< count values that are added to the scores, or null
    float scale;           ///< what the sums are multiplied by, positive
} penstock_scores;

/// Tokens of a page, and pages of a range that is summed up by itself.
#define PENSTOCK_PAGE 64
#define PENSTOCK_RANGE_PAGES 16

/// Queries of heads that share a head of keys, and a range of pages. The keys of a page lie as a panel [units of
/// head_size][PENSTOCK_PAGE], and behind them its values [units of PENSTOCK_PAGE keys][columns], where the columns are
/// head_size up to the next multiple of 16. What lies behind head_size, and at places without a token, is finite.
/// Pages of bytes have a signed byte for each of these numbers, and behind them a float for the key of each token and one
/// for its value, by which the bytes are multiplied.
typedef struct {
    penstock_precision precision;  ///< float32 or bfloat16
    size_t rows;
    size_t head_size;
    const void *queries;  ///< [rows][units of head_size]
    ptrdiff_t query_stride;  ///< units
    size_t pages;  ///< at most PENSTOCK_RANGE_PAGES
    const void *const *page;
    const void *next;  ///< what is likely to be read behind these pages, or null
    void *widened;  ///< scratch memory for the numbers of keys, or of values, if pages have bytes; null if they do not
    const uint32_t *first, *end;  ///< the keys that each row sees, counted from the first page; none if first = end
    const float *addends;  ///< what is added to the scores of each key before the scale, or null
    float scale;  ///< positive
    float cap;  ///< scores are cap·tanh(scale·score / cap), without addends; 0 for no cap
    float *scores;  ///< scratch memory [rows][score_stride], of at least pages · PENSTOCK_PAGE
    ptrdiff_t score_stride;
    /// Scratch memory [rows][weight_stride], of the units of pages · PENSTOCK_PAGE; as floats it may be that of scores.
    void *weights;
    ptrdiff_t weight_stride;
    float *parts;  ///< the results, [rows][part_stride]
    ptrdiff_t part_stride;
} penstock_page_attention;

/// A rule for the numbers of a head that are a pair, a point that is turned about the origin.
typedef enum {
    penstock_pairing_halves = 0,  ///< i and i + pairs
    penstock_pairing_neighbours,  ///< 2i and 2i + 1
} penstock_pairing;

/// A rotation of the numbers of heads that follow one another: the first 2·pairs of each.
typedef struct {
    penstock_precision precision;  ///< float32 or bfloat16
    penstock_pairing pairing;
    size_t heads;
    size_t head_size;  ///< numbers, even for bfloat16
    size_t pairs;
} penstock_rotation;

typedef struct {
    const char *name;
    int has_bfloat16;  ///< whether there are instructions of bfloat16
    int has_bfloat16_dot;  ///< whether products of bfloat16 are such, which round in a way of their own
    int has_int8;      ///< whether products of bytes are faster than those of floats
    size_t block_rows;  ///< rows that a product needs to be as fast as can be, at most PENSTOCK_ROWS
    size_t row_step;    ///< rows that are multiplied together; a block is best a multiple of it

    /// c[m][n] = epilogue(a[m][k] · b[k][n]), m at most PENSTOCK_ROWS, n at most PENSTOCK_PANEL, k and the strides in
    /// units. c is written in the first n columns only and overlaps neither a nor b.
    void (*matrix_product)(penstock_precision precision, size_t m, size_t n, size_t k, const penstock_rows *a,
                           const penstock_panel *b, void *c, ptrdiff_t c_stride, const penstock_epilogue *epilogue);

    /// The same for any m, without scales and epilogue. c is written up to the next multiple of 16 columns.
    void (*matrix_sums)(penstock_precision precision, size_t m, size_t n, size_t k, const penstock_rows *a,
                        const void *b, float *c, ptrdiff_t c_stride);

    /// c[m][n] = epilogue(a[m][k] · b[k][n]) over so many blocks of k and the n columns of the panel from `first` on, which
    /// is a multiple of 16. The rows are those of to_blocks. The integers of a block, or of its half, are summed up exactly
    /// to s; then, in ascending order, fma(offset, t, fma(s, scale·x, sum)), where x is the scale of the row's block, and
    /// t that times the sum of its bytes; without offsets s is less by zero times the sum of the bytes.
    void (*block_product)(size_t m, size_t first, size_t n, size_t blocks, const penstock_rows *a,
                          const penstock_block_panel *b, void *c, ptrdiff_t c_stride,
                          const penstock_epilogue *epilogue);

    /// Quantises n floats to signed bytes in blocks, symmetrically, each with a scale: PENSTOCK_ROW_UNITS for each block, the
    /// last of which is filled with zeros. The scale is NaN if a value is not finite.
    void (*to_blocks)(size_t n, const float *x, void *units);

    /// Quantises n floats into blocks of a form of integers without halves, by least squares. A scale is NaN if a number is
    /// not finite. Blocks are the same by all kernels.
    void (*quantise_blocks)(const penstock_block_form *form, size_t n, const float *x, penstock_block *blocks);

    /// Rounds n floats to bfloat16, to nearest even: (n + 1) / 2 units.
    void (*to_bfloat16)(size_t n, const float *x, void *units);

    /// Units of two bfloat16, one of each row: n units.
    void (*interleave_bfloat16)(size_t n, const void *even, const void *odd, void *units);

    /// Quantises n floats to unsigned bytes over their extent, which is made to hold 0: (n + 3) / 4 units. The scale is
    /// NaN if a value is not finite.
    void (*to_int8)(size_t n, const float *x, void *units, float *scale, int32_t *zero);

    /// Quantises n floats to signed bytes, symmetrically: (n + 3) / 4 units. The scale is NaN if a value is not finite.
    void (*to_int8_weights)(size_t n, const float *x, void *units, float *scale, int32_t *sum);

    /// target[column][row] = source[row][column], in units.
    void (*transpose)(size_t rows, size_t columns, const float *source, ptrdiff_t source_stride, float *target,
                      ptrdiff_t target_stride);

    /// y = (x - mean) / sqrt(variance + epsilon) · gain + shift over n values, n > 0. Gain and shift may be null: then they
    /// are 1 and 0. y may be x.
    void (*layer_norm)(size_t n, const float *x, const float *gain, const float *shift, float epsilon, float *y);

    /// y = x / sqrt(mean of x² + epsilon) · gain over n values, n > 0. The gain may be null: then it is 1. y may be x.
    void (*rms_norm)(size_t n, const float *x, const float *gain, float epsilon, float *y);

    /// exp(scale·(s - max s)) of the sums s of scores and addends, over the keys that are seen, and 0 for the others: as
    /// numbers of float32 or bfloat16, a last unit filled with zero. As floats the units may be the scores. Returns the
    /// sum; a NaN or +∞ among the sums that are seen makes it NaN, and so does -∞ for all of them.
    float (*softmax_numerators)(penstock_precision precision, const penstock_scores *scores, void *units);

    /// Makes a part of each row and a range of pages: Σ weight·value in its first columns, and behind them the
    /// greatest score and the sum of all weights exp(scale·(score - greatest)), which is 0 if the row sees nothing.
    void (*attend_pages)(const penstock_page_attention *attention);

    /// Adds a part to another of the same row, as if both were of one range.
    void (*merge_parts)(size_t head_size, float scale, const float *part, float *into);

    /// Σ weight·value / Σ weight of a part: head_size floats or, if is_rounded, bfloat16, a last unit filled with zero.
    void (*finish_part)(size_t head_size, const float *part, int is_rounded, void *output);

    /// Writes key and value of a token, each of head_size floats or, if null, zeros, at a place of a page.
    void (*write_page)(penstock_precision precision, size_t head_size, size_t place, const float *key, const float *value,
                       void *page);

    /// The same for a page of bytes: each of key and value is rounded to 127 steps of its largest magnitude. One that is
    /// not finite becomes NaN. Pages are the same by all kernels.
    void (*write_byte_page)(penstock_precision precision, size_t head_size, size_t place, const float *key,
                            const float *value, void *page);

    /// x = exp(x - max x) / Σ exp(x - max x) in place, n > 0. A NaN or +∞ among the values makes all of them NaN.
    void (*softmax)(size_t n, float *x);

    /// The place of the greatest of n values, none of them NaN, and of equal ones the first; 0 if none is above -∞.
    size_t (*place_of_greatest)(size_t n, const float *x);

    /// y = activation(x) over n values. y may be x.
    void (*activate)(size_t n, const float *x, penstock_activation activation, float *y);

    /// y = activation(x)·factor over n values, as floats or, if is_rounded, as bfloat16, a last unit filled with zero; then
    /// the activation may be off by 2e-5. As floats y may be x or factor, otherwise it overlaps neither.
    void (*gate)(size_t n, const float *x, const float *factor, penstock_activation activation, int is_rounded,
                 void *y);

    /// Turns each pair (a, b) of the heads at x in place: (a·cos - b·sin, b·cos + a·sin). Products and sums are rounded one
    /// by one, in single precision; the angles' cosines and sines are of one row, a value for each pair.
    void (*rotate)(const penstock_rotation *rotation, const float *cosines, const float *sines, void *x);

    /// y[i] = x[places[i]] + rows[i·stride + places[i]] over n values. One of x and rows may be null: then y is the other.
    void (*gather_sums)(size_t n, const int32_t *places, const float *x, const float *rows, ptrdiff_t stride, float *y);

    /// y += x over n values.
    void (*add)(size_t n, const float *x, float *y);

    /// The sum of n values.
    float (*sum)(size_t n, const float *x);

    /// Multiplies and adds in registers, as fast as can be. Returns the number of operations done.
    double (*exercise)(penstock_precision precision, size_t rounds);
} penstock_kernels;

/// The reference: one value at a time.
const penstock_kernels *penstock_kernels_scalar(void);
/// The same with instructions for fused multiply-adds, which are functions of the library otherwise: the same bits in a
/// fraction of the time. Null where they are part of every processor, or not known.
const penstock_kernels *penstock_kernels_scalar_fma(void);
/// Null where the compiler's target has no such instructions.
const penstock_kernels *penstock_kernels_avx2(void);
const penstock_kernels *penstock_kernels_avx2_vnni(void);
const penstock_kernels *penstock_kernels_avx512(void);
const penstock_kernels *penstock_kernels_avx512_vnni(void);
const penstock_kernels *penstock_kernels_avx512_bf16_fma(void);
const penstock_kernels *penstock_kernels_avx512_bf16(void);
const penstock_kernels *penstock_kernels_amx(void);
const penstock_kernels *penstock_kernels_neon(void);
const penstock_kernels *penstock_kernels_neon_dotprod(void);
const penstock_kernels *penstock_kernels_neon_bf16(void);

/// Returns what this processor and its operating system can do, as a set of penstock_cpu_… bits.
typedef enum {
    penstock_cpu_avx2_fma = 1 << 0,  ///< and F16C
    penstock_cpu_avx_vnni = 1 << 1,
    penstock_cpu_avx512 = 1 << 2,  ///< F, BW, DQ and VL
    penstock_cpu_avx512_vnni = 1 << 3,
    penstock_cpu_avx512_bf16 = 1 << 4,  ///< conversions and dot products
    penstock_cpu_neon = 1 << 5,
    penstock_cpu_neon_dotprod = 1 << 6,
    penstock_cpu_neon_bf16 = 1 << 7,
    penstock_cpu_fma = 1 << 8,  ///< FMA3, which some processors have without AVX2
    penstock_cpu_amx = 1 << 9,  ///< tiles of bfloat16 and of bytes, which the system lets this process use
    penstock_cpu_fast_dot_bf16 = 1 << 10,  ///< dot products of AVX-512 BF16 beat fused multiply-adds
} penstock_cpu_feature;
unsigned penstock_cpu_features(void);

/// Gives back the tile registers that products have left configured on the calling thread, if there are any.
void penstock_release_tiles(void);

typedef enum {
    penstock_float32 = 0,
    penstock_float16,
    penstock_bfloat16,
    penstock_float64,
} penstock_element;

/// Turns n little-endian elements into floats. The source needs no alignment.
void penstock_widen(size_t n, const void *source, penstock_element element, float *destination);

/// Starts a thread of its own for body(context), named by the first 15 bytes of name. Returns 0 or an errno.
int penstock_start_thread(const char *name, size_t stack_size, void (*body)(void *), void *context);

/// Makes all threads share one heap if the addresses of the process are limited. To be called before any is started.
void penstock_spare_addresses(void);

/// Has large blocks given back to the system as soon as they are freed. To be called before any thread is started.
void penstock_return_large_blocks(void);

/// Lets another thread have the core, if one waits for it.
void penstock_yield(void);

/// Tells the core that the caller is in a spin loop.
static inline void penstock_spin_hint(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ volatile("yield");
#endif
}
