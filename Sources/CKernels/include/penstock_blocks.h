// Weights in blocks, which are multiplied as they are stored.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Numbers of a block: consecutive weights of an output, which share scales.
#define PENSTOCK_BLOCK 32

/// A form of weights in blocks. Number i of a block stands for scale·(v - zero) or, with offsets, for scale·v + offset,
/// where v is its code or what a table has for that, and scale and offset are those of the block or of its half.
typedef struct {
    int bits;               ///< of a code: 4, 5, 6 or 8
    int scales;             ///< of a block: 1, or 2 for its halves
    int has_offsets;        ///< then there are as many of them, and zero is 0
    int zero;               ///< 0 … 255
    const uint8_t *values;  ///< what codes of 4 bits stand for: 16 bytes; or null
} penstock_block_form;

/// A block by itself.
typedef struct {
    uint8_t codes[PENSTOCK_BLOCK];
    float scale[2], offset[2];  ///< of its halves
} penstock_block;

/// Units of a block of a row of inputs: its bytes and, behind the bytes of all blocks of the row, scale, scale times the sum
/// of the bytes, and the sums of the first and the second half of them.
#define PENSTOCK_ROW_UNITS 12

/// The right operand of a product of blocks: for each of them PENSTOCK_PANEL columns side by side, as penstock_pack_block
/// lays them.
typedef struct {
    const void *blocks;
    const penstock_block_form *form;
    const float *scale;  ///< what the numbers of each column are multiplied by besides: PENSTOCK_PANEL values
    const void *next;    ///< the blocks of the panel that is likely to be multiplied next, to be fetched; or null
} penstock_block_panel;

/// The bytes of a block in a panel, of all columns.
size_t penstock_block_bytes(const penstock_block_form *form);

/// Lays a block into a column of a panel. Scales and offsets are divided by `scale`, a power of two, and rounded to half
/// precision.
void penstock_pack_block(const penstock_block_form *form, const penstock_block *block, float scale, size_t column,
                         void *panel);

/// Writes the first n numbers of a column of a panel's blocks, times `scale`, as floats.
void penstock_unpack_column(const penstock_block_form *form, size_t n, const void *panel, float scale, size_t column,
                            float *numbers);
