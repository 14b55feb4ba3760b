// The operations of one vector layer. A file that includes this has included the layer and elementary.inc.h, and
// defined LAYER_FUNCTION, the function that returns them.

#include "layer.h"

#define MAP(operation, result) \
    static void map_##operation(size_t count, const float *a, const float *b, float *y) { \
        for (size_t i = 0; i < count; i += VECTOR_WIDTH) { \
            const vector x = v_load(a + i), z = v_load(b + i); \
            (void)z; \
            v_store(y + i, result); \
        } \
    }
MAP(max, v_max(x, z))
MAP(min, v_min(x, z))
MAP(if_less, v_if_less(x, z, v_set(1.0f), v_set(2.0f)))
MAP(copy_sign, v_copy_sign(x, z))
MAP(abs, v_abs(x))
MAP(round, v_round(x))
MAP(add, v_add(x, z))
MAP(sub, v_sub(x, z))
MAP(mul, v_mul(x, z))
MAP(div, v_div(x, z))
MAP(fma, v_fma(x, z, v_set(-1.0f)))
MAP(exponential, exponential(x))
MAP(power_of_2, power_of_2(x, 0))
MAP(coarse_power_of_2, power_of_2(x, 1))
#undef MAP

const layer_map *LAYER_FUNCTION(void) {
    static const layer_map maps[layer_operations] = {
        [layer_max] = map_max,
        [layer_min] = map_min,
        [layer_if_less] = map_if_less,
        [layer_copy_sign] = map_copy_sign,
        [layer_abs] = map_abs,
        [layer_round] = map_round,
        [layer_add] = map_add,
        [layer_sub] = map_sub,
        [layer_mul] = map_mul,
        [layer_div] = map_div,
        [layer_fma] = map_fma,
        [layer_exponential] = map_exponential,
        [layer_power_of_2] = map_power_of_2,
        [layer_coarse_power_of_2] = map_coarse_power_of_2,
    };
    return maps;
}
