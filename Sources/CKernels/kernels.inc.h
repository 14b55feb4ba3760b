// The kernels of one instruction set. A file that includes this has included its vector layer and defined
// KERNELS_NAME, its name in messages, and KERNELS_FUNCTION, the function that returns its table.

#include "elementary.inc.h"
#include "gather.inc.h"
#include "operands.inc.h"
#include "epilogue.inc.h"
#include "matrix_product.inc.h"
#include "blocks.inc.h"
#include "quantise.inc.h"
#ifdef NATIVE_TILES
#include "tile_multiply.inc.h"
#include "tile_product.inc.h"
#endif
#include "norms.inc.h"
#include "peak.inc.h"
#ifdef NATIVE_TILES
#include "tile_peak.inc.h"
#endif
#include "pointwise.inc.h"
#include "rotation.inc.h"
#include "softmax.inc.h"
#include "greatest.inc.h"
#include "pages.inc.h"
#ifdef NATIVE_TILES
#include "tile_pages.inc.h"
#endif

const penstock_kernels *KERNELS_FUNCTION(void) {
    static const penstock_kernels table = {
        .name = KERNELS_NAME,
#ifdef NATIVE_BFLOAT16
        .has_bfloat16 = 1,
#endif
#ifdef NATIVE_BFLOAT16_DOT
        .has_bfloat16_dot = 1,
#endif
#ifdef NATIVE_INT8_DOT
        .has_int8 = 1,
#endif
#ifdef NATIVE_TILES
        .block_rows = PENSTOCK_ROWS,
        .row_step = TILE_SIDE,
        .matrix_product = matrix_product_by_tiles,
        .matrix_sums = matrix_sums_by_tiles,
        .attend_pages = attend_pages_by_tiles,
        .exercise = exercise_by_tiles,
#else
        .block_rows = PENSTOCK_ROWS / 2,
        .row_step = 6,
        .matrix_product = matrix_product,
        .matrix_sums = matrix_sums,
        .attend_pages = attend_pages,
        .exercise = exercise,
#endif
        .block_product = block_product,
        .to_blocks = to_blocks,
        .quantise_blocks = quantise_blocks,
        .to_bfloat16 = to_bfloat16_units,
        .interleave_bfloat16 = interleave_bfloat16,
        .to_int8 = to_int8_units,
        .to_int8_weights = to_int8_weights,
        .transpose = transpose,
        .layer_norm = layer_norm,
        .rms_norm = rms_norm,
        .softmax_numerators = softmax_numerators,
        .merge_parts = merge_parts,
        .finish_part = finish_part,
        .write_page = write_page,
        .write_byte_page = write_byte_page,
        .softmax = softmax,
        .place_of_greatest = place_of_greatest,
        .activate = activate,
        .gate = gate,
        .rotate = rotate,
        .gather_sums = gather_sums,
        .add = add,
        .sum = sum_of,
    };
    return &table;
}
