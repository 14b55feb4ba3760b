// The comparison of every table of kernels with the definitions that its header promises and with the scalar table.
//
// It asks the same as Tests/Compute does, with the same bounds, in C alone: so it also runs where Swift does not, as on
// an emulated processor (scripts/check-neon).
#pragma once

#include "penstock_kernels.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

// MARK: Expectations

/// Counts a check. If it failed, reports it with its place and what else is said, which is evaluated only then.
#define EXPECT(condition, ...) ((condition) ? succeed() : fail(__FILE__, __LINE__, __VA_ARGS__))
void succeed(void);
void fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/// Sets what reports name: the table under test.
void begin_table(const char *name);

/// Notes a figure, of which the largest of a table is reported.
void note_figure(const char *name, double value);

/// Reports the checks and the figures of the table under test.
void end_table(void);

/// The checks that failed in all tables.
size_t failures(void);

/// Adds results that are the same on every processor to the digest of the table under test. All NaN count as one.
void digest(size_t count, const float *values);
uint64_t digest_value(void);

// MARK: Random numbers, the same in every run

typedef struct {
    uint64_t state;
} generator;
uint64_t random_bits(generator *random);
/// One of least … most.
long random_integer(generator *random, long least, long most);
/// Evenly spread over -scale … scale.
float random_float(generator *random, float scale);
void random_floats(generator *random, size_t count, float scale, float *values);

#define COUNT(array) (sizeof(array) / sizeof *(array))
/// One element of an array.
#define PICK(random, array) ((array)[random_integer(random, 0, (long)COUNT(array) - 1)])

// MARK: Memory

/// A bit pattern that no computation makes: a NaN with a payload.
#define GUARD_BITS 0x7FA55A5Au

/// Units of 32 bits that end where memory cannot be accessed, behind units that nobody may touch.
typedef struct {
    float *base;
    size_t count;
} buffer;

/// Guards until they are written.
buffer unwritten(size_t count);
buffer copy_of(size_t count, const float *values);
buffer random_buffer(generator *random, size_t count, float scale);
int32_t *integers(buffer units);
/// Fills the buffer with guards again.
void fill_with_guards(buffer units);
int is_guard(float value);
/// Returns whether the units in front of the buffer were not written.
int is_intact(buffer units);
/// Gives back all buffers.
void release_buffers(void);

// MARK: Numbers

uint32_t bits_of(float value);
float float_of(uint32_t bits);
/// Returns whether both have the same bits, or both are NaN.
int is_identical(float a, float b);
/// The first index at which two arrays are not identical, or `count`.
size_t first_difference(size_t count, const float *a, const float *b);
/// The distance to the next float above the magnitude of a result.
double ulp_of(double result);
/// The nearest bfloat16, of two the even one: found by distance, not by carries.
uint16_t nearest_bfloat16(float value);
float float_of_bfloat16(uint16_t bits);
/// Returns whether it is the bfloat16 of a number. Instructions for bfloat16 may take subnormal numbers for zero.
int is_bfloat16_of(uint16_t found, float value, const penstock_kernels *kernels);
/// y = exp(scale·(x - max x)), exactly. Returns the sum.
double exponentiate(size_t count, const float *x, double scale, double *y);
/// The numbers of bfloat16 and the bytes that lie in units.
uint16_t bfloat16_at(const float *units, size_t index);
uint8_t byte_at(const float *units, size_t index);

static inline double larger(double a, double b) { return a > b ? a : b; }
/// The larger of two errors: NaN if one of them is.
static inline double worse(double a, double b) { return a > b || isnan(a) ? a : b; }

/// Lengths around every vector width, and long ones.
extern const size_t lengths[];
extern const size_t length_count;

// MARK: What is compared

void compare_products(const penstock_kernels *kernels);
void compare_shapes(const penstock_kernels *kernels);
void compare_epilogues(const penstock_kernels *kernels);
void compare_bfloat16(const penstock_kernels *kernels);
void compare_bytes(const penstock_kernels *kernels);
void compare_blocks(const penstock_kernels *kernels);
void compare_quantisation(const penstock_kernels *kernels);
void compare_transposition(const penstock_kernels *kernels);
void compare_rows(const penstock_kernels *kernels);
void compare_softmax(const penstock_kernels *kernels);
void compare_numerators(const penstock_kernels *kernels);
void compare_gates(const penstock_kernels *kernels);
void compare_rotations(const penstock_kernels *kernels);
void compare_activations(const penstock_kernels *kernels);
void compare_attention(const penstock_kernels *kernels);
void compare_writing(const penstock_kernels *kernels);
void compare_pages(const penstock_kernels *kernels);
/// Compares the vector layer of this processor's first table, and the elementary functions over it.
void compare_layer(void);
