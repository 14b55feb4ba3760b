// Pages of keys and values, of numbers and of bytes, and the places in them.
#pragma once

#include "product.h"

typedef struct {
    penstock_precision precision;
    int has_bytes;
    size_t head_size;
    size_t count;
    buffer memory;  ///< the pages, the first one last
} page_set;

/// Pages of numbers that are finite, and of which none is a token's.
page_set blank_pages(penstock_precision precision, int has_bytes, size_t head_size, size_t count);
size_t columns_of(const page_set *p);
/// Units of the keys of a page, and of its values, unless they are bytes.
size_t key_units(const page_set *p);
size_t value_units(const page_set *p);
float *page_at(const page_set *p, size_t index);
/// The places of the numbers of a token in a page, counted in numbers.
size_t key_place(const page_set *p, size_t token, size_t i);
size_t value_place(const page_set *p, size_t token, size_t i);
/// A number as it is stored.
float number_at(const page_set *p, const float *page, size_t place);
/// The unit of the scale by which a token's bytes of a key or a value are multiplied.
size_t scale_place(const page_set *p, int is_value, size_t token);
/// The scale itself, or 1 where there are no bytes.
float scale_at(const page_set *p, const float *page, int is_value, size_t token);
void write_token(const penstock_kernels *kernels, const page_set *p, size_t token, const float *key,
                 const float *value);
