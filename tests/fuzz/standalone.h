/* standalone.h -- runs a fuzz target without a fuzzer.
 *
 * With -DFUZZ_MAIN a target is a program of its own: `fuzz_x [-n TIMES]
 * FILE...` feeds it each file, then TIMES (100000) changed copies of them. The
 * changes come from a fixed seed, so that a fault comes again. */
#ifndef FUZZ_STANDALONE_H
#define FUZZ_STANDALONE_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifdef FUZZ_MAIN
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MOST  65536
#define INPUTS_MOST 4096

static struct input {
    uint8_t *data;
    size_t size;
} inputs[INPUTS_MOST];
static size_t input_count;
static uint64_t random_state = 1;

static size_t
random_below(size_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return n ? (size_t)(random_state >> 33) % n : 0;
}

/* In a block of its exact size, so that a sanitizer sees the byte behind. */
static void
feed(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void
read_input(const char *path)
{
    struct input *in = &inputs[input_count];
    FILE *file = fopen(path, "rb");

    if (file == NULL || input_count == INPUTS_MOST) {
        perror(path);
        exit(2);
    }
    in->data = malloc(INPUT_MOST);
    in->size = fread(in->data, 1, INPUT_MOST, file);
    fclose(file);
    feed(in->data, in->size);
    input_count++;
}

/* One piece of another input over, or into, this one. */
static size_t
splice(uint8_t *data, size_t size)
{
    const struct input *from = &inputs[random_below(input_count)];
    size_t start = random_below(from->size), at = random_below(size);
    size_t n = random_below(from->size - start), rest = size - at;

    if (size + n > INPUT_MOST || n == 0)
        return size;
    if (random_below(2) == 0)
        rest = 0;
    memmove(data + at + n, data + at, rest);
    memcpy(data + at, from->data + start, n);
    return at + n + rest;
}

static size_t
change(uint8_t *data, size_t size)
{
    static const char odd[] = "\"\\{}[],:0123456789eE.+-u \t\r\n\xef\xbb\xbf";

    if (size == 0)
        return splice(data, size);
    switch (random_below(5)) {
    case 0:
        data[random_below(size)] ^= (uint8_t)(1 << random_below(8));
        return size;
    case 1:
        data[random_below(size)] = (uint8_t)odd[random_below(sizeof odd)];
        return size;
    case 2:
        return random_below(size);
    default:
        return splice(data, size);
    }
}

static void
feed_changed(void)
{
    static uint8_t data[2 * INPUT_MOST];
    const struct input *from = &inputs[random_below(input_count)];
    size_t size = from->size;

    memcpy(data, from->data, size);
    for (size_t times = 1 + random_below(4); times > 0; times--)
        size = change(data, size);
    feed(data, size);
}

int
main(int argc, char **argv)
{
    long times = 100000;
    int i = 1;

    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        times = atol(argv[2]);
        i = 3;
    }
    for (; i < argc; i++)
        read_input(argv[i]);
    for (; input_count > 0 && times > 0; times--)
        feed_changed();
    printf("%zu inputs and their changes: no fault\n", input_count);
    return 0;
}
#endif

#endif
