// Pages of keys and values, and what is written to them.
#include "pages.h"

#include <float.h>
#include <string.h>

size_t columns_of(const page_set *p) { return (p->head_size + 15) / 16 * 16; }
size_t key_units(const page_set *p) { return unit_count(p->precision, p->head_size) * PENSTOCK_PAGE; }
size_t value_units(const page_set *p) { return unit_count(p->precision, PENSTOCK_PAGE) * columns_of(p); }
static size_t byte_count(const page_set *p) {
    return (key_units(p) + value_units(p)) * numbers_in_unit(p->precision);
}
static size_t page_units(const page_set *p) {
    return p->has_bytes ? byte_count(p) / sizeof(float) + 2 * PENSTOCK_PAGE : key_units(p) + value_units(p);
}
float *page_at(const page_set *p, size_t index) {
    return p->memory.base + (p->count - 1 - index) * page_units(p);
}

page_set blank_pages(penstock_precision precision, int has_bytes, size_t head_size, size_t count) {
    page_set p = {.precision = precision, .has_bytes = has_bytes, .head_size = head_size, .count = count};
    p.memory = unwritten(count * page_units(&p));
    for (size_t i = 0; i < p.memory.count; i++) p.memory.base[i] = float_of(0xBFB03FC0u);
    return p;
}

size_t key_place(const page_set *p, size_t token, size_t i) {
    const size_t numbers = numbers_in_unit(p->precision);
    return i / numbers * numbers * PENSTOCK_PAGE + token * numbers + i % numbers;
}
size_t value_place(const page_set *p, size_t token, size_t i) {
    const size_t numbers = numbers_in_unit(p->precision), row = token / numbers * numbers * columns_of(p);
    return key_units(p) * numbers + row + i * numbers + token % numbers;
}

float number_at(const page_set *p, const float *page, size_t place) {
    if (p->has_bytes) return (float)(int8_t)byte_at(page, place);
    return p->precision == penstock_precision_float32 ? page[place] : float_of_bfloat16(bfloat16_at(page, place));
}
size_t scale_place(const page_set *p, int is_value, size_t token) {
    return byte_count(p) / sizeof(float) + (is_value ? PENSTOCK_PAGE : 0) + token;
}
float scale_at(const page_set *p, const float *page, int is_value, size_t token) {
    return p->has_bytes ? page[scale_place(p, is_value, token)] : 1;
}

void write_token(const penstock_kernels *kernels, const page_set *p, size_t token, const float *key,
                 const float *value) {
    float *page = page_at(p, token / PENSTOCK_PAGE);
    (p->has_bytes ? kernels->write_byte_page : kernels->write_page)(p->precision, p->head_size, token % PENSTOCK_PAGE,
                                                                    key, value, page);
}

// MARK: Writing

/// The first unit of which two pages have other bits.
static size_t first_other(buffer a, buffer b) {
    size_t i = 0;
    while (i < a.count && bits_of(a.base[i]) == bits_of(b.base[i])) i++;
    return i;
}

/// Returns whether a number is stored as well as it can be, with the scale of its vector.
static int is_number_of(const page_set *p, const penstock_kernels *kernels, float found, float scale, float x) {
    if (p->has_bytes)
        return fabsf(found) <= 127 &&
               (isnan(scale) || fabs(x - (double)found * scale) <= 0.500001 * scale + 0x1p-100);
    if (p->precision == penstock_precision_float32) return is_identical(found, x);
    return is_bfloat16_of((uint16_t)(bits_of(found) >> 16), x, kernels);
}
static int is_scale_of(float scale, size_t n, const float *x) {
    double largest = 0;
    int is_finite = 1;
    for (size_t i = 0; x && i < n; i++) {
        is_finite = is_finite && isfinite(x[i]);
        largest = larger(fabsf(x[i]), largest);
    }
    if (!is_finite) return isnan(scale);
    return scale == (largest < 0x1p-100 ? 0 : (float)largest / 127);
}

/// Counts the numbers of a key or a value that are not stored as they should be, and copies those that were found.
static size_t check_vector(const penstock_kernels *kernels, const page_set *p, int is_value, size_t token,
                           const float *x, float *expected) {
    const float *page = page_at(p, 0), scale = scale_at(p, page, is_value, token);
    const size_t size = p->has_bytes ? 1 : p->precision == penstock_precision_float32 ? 4 : 2;
    size_t wrong = p->has_bytes && !is_scale_of(scale, p->head_size, x);
    for (size_t i = 0; i < p->head_size; i++) {
        const size_t place = is_value ? value_place(p, token, i) : key_place(p, token, i);
        wrong += !is_number_of(p, kernels, number_at(p, page, place), scale, x ? x[i] : 0);
        memcpy((char *)expected + place * size, (const char *)page + place * size, size);
    }
    if (p->has_bytes) expected[scale_place(p, is_value, token)] = scale;
    return wrong;
}

/// A key or a value: of random numbers small or large, of one that is not finite, of zeros, or none.
static const float *choose_vector(generator *random, size_t n, float *x) {
    const float scales[] = {1, 1, 3, 0x1p-98f, 0x1p-110f, 0x1p100f, FLT_MAX, 0};
    const float odd[] = {NAN, -NAN, INFINITY, -INFINITY};
    random_floats(random, n, PICK(random, scales), x);
    if (random_integer(random, 0, 7) == 0) x[random_integer(random, 0, (long)n - 1)] = PICK(random, odd);
    return random_integer(random, 0, 7) == 0 ? NULL : x;
}

// Nothing but the place of the token is written, and every table writes the same bytes.
static void writing_of(const penstock_kernels *kernels, page_set p, generator *random) {
    const buffer key = unwritten(p.head_size), value = unwritten(p.head_size);
    const buffer expected = copy_of(p.memory.count, p.memory.base);
    page_set by_scalar = p;
    by_scalar.memory = copy_of(p.memory.count, p.memory.base);
    size_t wrong = 0;
    for (size_t token = 0; token < PENSTOCK_PAGE; token++) {
        if (random_integer(random, 0, 3) == 0) continue;
        const float *k = choose_vector(random, p.head_size, key.base);
        const float *v = choose_vector(random, p.head_size, value.base);
        write_token(kernels, &p, token, k, v);
        write_token(penstock_kernels_scalar(), &by_scalar, token, k, v);
        wrong += check_vector(kernels, &p, 0, token, k, expected.base);
        wrong += check_vector(kernels, &p, 1, token, v, expected.base);
    }
    const size_t other = first_other(p.memory, expected);
    EXPECT(wrong == 0 && other == p.memory.count && is_intact(p.memory) && is_intact(key) && is_intact(value),
           "precision %d, bytes %d, head of %zu: %zu are wrong, and unit %zu was not to be written", p.precision,
           p.has_bytes, p.head_size, wrong, other);
    const size_t difference = first_other(p.memory, by_scalar.memory);
    if (p.has_bytes || p.precision == penstock_precision_float32)
        EXPECT(difference == p.memory.count, "precision %d, bytes %d, head of %zu: unit %zu is not the scalar table's",
               p.precision, p.has_bytes, p.head_size, difference);
    digest(p.memory.count, p.memory.base);
    release_buffers();
}

void compare_writing(const penstock_kernels *kernels) {
    const size_t head_sizes[] = {1, 2, 5, 8, 15, 16, 17, 24, 32, 64, 72, 80, 128, 130};
    generator random = {40};
    for (penstock_precision precision = penstock_precision_float32; precision <= penstock_precision_bfloat16;
         precision++)
        for (int has_bytes = 0; has_bytes < 2; has_bytes++)
            for (size_t i = 0; i < COUNT(head_sizes); i++)
                writing_of(kernels, blank_pages(precision, has_bytes, head_sizes[i], 1), &random);
}
