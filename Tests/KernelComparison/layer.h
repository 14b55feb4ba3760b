// One vector layer's operations, and the elementary functions over it, as functions over arrays.
#pragma once

#include <stddef.h>

typedef enum {
    layer_max,
    layer_min,
    layer_if_less,
    layer_copy_sign,
    layer_abs,
    layer_round,
    layer_add,
    layer_sub,
    layer_mul,
    layer_div,
    layer_fma,
    layer_exponential,
    layer_power_of_2,
    layer_coarse_power_of_2,
    layer_operations,
} layer_operation;

/// y[i] = operation(a[i], b[i]); `count` is a multiple of 16.
typedef void (*layer_map)(size_t count, const float *a, const float *b, float *y);

/// The operations of a layer, by layer_operation.
const layer_map *scalar_layer(void);
const layer_map *vector_layer(void);
