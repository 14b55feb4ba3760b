// A matrix product with strides, addresses and surroundings that are as odd as they may be.
#pragma once

#include "comparison.h"

typedef struct {
    penstock_precision precision;
    size_t m, n, k;  ///< k in numbers, not units
    size_t units;    ///< of k
    size_t a_stride, c_stride;
    buffer left, right;  ///< the numbers as they are stored: [m][k] and [k][n]
    buffer a, b, c, rounded_c;
    buffer row_scale, row_zero, column_scale, column_sum;
    int is_scaled;  ///< whether rows have scales; those of bytes always do
} product;

typedef enum { any_bytes, extreme_bytes } byte_choice;

/// The numbers that share a unit of 32 bits.
size_t numbers_in_unit(penstock_precision precision);
/// The units of so many numbers, the last of which may have room for more.
size_t unit_count(penstock_precision precision, size_t numbers);
/// Lays numbers into a unit, the first one lowest. Bytes are given by their value, signed or not.
float unit_of(penstock_precision precision, const float *numbers);
/// Returns whether a table's sums have the bits of the definition: instructions for bfloat16 round in a way of their
/// own.
int is_defined(penstock_precision precision, const penstock_kernels *kernels);
/// A number of numbers around the blocks into which k is cut.
size_t random_depth(penstock_precision precision, generator *random);

/// A product of random numbers. It takes ten buffers, which are given back by release_buffers.
product random_product(penstock_precision precision, size_t m, size_t n, size_t k, float scale, byte_choice bytes,
                       generator *random);
penstock_rows rows_of(const product *p);
penstock_panel panel_of(const product *p);
/// Runs the product; `is_rounded` chooses between c and rounded_c.
void run_product(const product *p, const penstock_kernels *kernels, const penstock_epilogue *epilogue);
/// Runs the product without an epilogue, and copies its m·n results.
void sums_of_product(const product *p, const penstock_kernels *kernels, float *sums);
/// Copies the m·n results of floats.
void copy_result(const product *p, float *result);
/// Returns whether only the first n columns of c were written.
int is_product_intact(const product *p);

/// What the header promises of an element before the epilogue: fused multiply-adds over k in ascending order, or an
/// exact sum, times the scales. Of bfloat16, the odd number of a unit comes first where instructions are put together.
float definition(const product *p, size_t row, size_t column);
/// The sum of bfloat16 that tiles of AMX make, before the epilogue: of 16 units at a time the even products and the odd
/// ones, each from zero on, both of which are then added to what was there; no number is subnormal.
float sum_by_tiles(const product *p, size_t row, size_t column);
/// The first of the m·n results that is not the definition, or m·n.
size_t first_undefined(const product *p, const float *results);
/// The exact sum of the numbers as they are stored, but for double precision's own error.
double exact_sum(const product *p, size_t row, size_t column, double *magnitude);
