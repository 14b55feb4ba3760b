// The greatest of many numbers, and its place.

// Numbers of which the greatest is found before it is looked for.
#define GREATEST_BLOCK 1024

static size_t place_of_greatest(size_t n, const float *x) {
    size_t block = 0;
    float greatest = -__builtin_inff();
    for (size_t first = 0; first < n; first += GREATEST_BLOCK) {
        const float largest = largest_of(n - first < GREATEST_BLOCK ? n - first : GREATEST_BLOCK, x + first, x, 0);
        if (!(largest > greatest)) continue;
        greatest = largest;
        block = first;
    }
    for (size_t i = block; i < n && i < block + GREATEST_BLOCK; i++)
        if (x[i] == greatest) return i;
    return 0;
}
