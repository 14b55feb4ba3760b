// Steps of 16 units of k through the tiles, for one precision. A file that includes this has defined STEPS_NAME(rows,
// columns), the name of a function for as many tiles, STEPS_TABLE, that of the table of them, and DOT, the instruction.
// All are undefined at the end.
//
// Sums are in the tiles 0 to 3: of one tile of rows one column after the other, of two those of the first in 0 and 1.

#define STEPS(rows, columns, body) \
    static __attribute__((noinline)) void STEPS_NAME(rows, columns)(const tile_steps *s) { \
        const char *a = s->a, *b = s->b, *fetch = s->fetch; \
        const ptrdiff_t stride = s->a_stride, b_stride = s->b_stride; \
        for (size_t step = s->count; step > 0; step--) { \
            for (size_t line = s->lines; line > 0; line--, fetch += 64) __builtin_prefetch(fetch); \
            _tile_loadd(4, a, stride); \
            body; \
            a += TILE_ROW_BYTES; \
            b += TILE_SIDE * b_stride; \
        } \
    }
#define COLUMN(place, sums) \
    _tile_loadd(5 + place % 3, b + place * TILE_ROW_BYTES, b_stride); \
    DOT(sums, 4, 5 + place % 3)
STEPS(1, 1, COLUMN(0, 0))
STEPS(1, 2, COLUMN(0, 0); COLUMN(1, 1))
STEPS(1, 3, COLUMN(0, 0); COLUMN(1, 1); COLUMN(2, 2))
STEPS(1, 4, COLUMN(0, 0); COLUMN(1, 1); COLUMN(2, 2); COLUMN(3, 3))
#undef COLUMN
#define COLUMN(place) \
    _tile_loadd(6 + place, b + place * TILE_ROW_BYTES, b_stride); \
    DOT(place, 4, 6 + place); \
    DOT(2 + place, 5, 6 + place)
STEPS(2, 1, _tile_loadd(5, a + s->a_apart, stride); COLUMN(0))
STEPS(2, 2, _tile_loadd(5, a + s->a_apart, stride); COLUMN(0); COLUMN(1))
#undef COLUMN
#undef STEPS

// [tiles of rows - 1][tiles of columns - 1]
static void (*const STEPS_TABLE[2][4])(const tile_steps *) = {
    {STEPS_NAME(1, 1), STEPS_NAME(1, 2), STEPS_NAME(1, 3), STEPS_NAME(1, 4)},
    {STEPS_NAME(2, 1), STEPS_NAME(2, 2)},
};

#undef STEPS_NAME
#undef STEPS_TABLE
#undef DOT
