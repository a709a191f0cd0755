/* columns.c -- lines whose words stand below each other. */
#include "command/columns.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

struct cell {
    struct bytes text;
    enum colour colour;
    bool is_last;
};

#define MOST (sizeof((struct columns *)0)->width / sizeof(size_t))

static size_t
width_of(const struct cell *cell)
{
    size_t n = 0;

    for (size_t i = 0; i < cell->text.len; i++)
        n += ((unsigned char)cell->text.at[i] & 0xc0) != 0x80;
    return n;
}

void
columns_add(struct columns *c, enum colour colour, const char *text)
{
    struct cell cell = { { 0 }, colour, false };
    size_t width;

    assert(c->at < MOST);
    text_add_line(&cell.text, text, strlen(text));
    width = width_of(&cell);
    if (width > c->width[c->at])
        c->width[c->at] = width;
    c->at++;
    c->cells = mem_grow(c->cells, (c->n + 1) * sizeof cell);
    c->cells[c->n++] = cell;
}

/* Nothing stands behind the last word of a line. */
void
columns_end_line(struct columns *c)
{
    for (; c->at > 1 && c->cells[c->n - 1].text.len == 0; c->at--)
        bytes_free(&c->cells[--c->n].text);
    c->cells[c->n - 1].is_last = true;
    c->at = 0;
}

static void
print_cell(const struct cell *cell, size_t width, bool coloured)
{
    size_t spaces = width - width_of(cell) + 2;

    coloured = coloured && cell->colour != PLAIN;
    if (coloured)
        printf("\033[%dm", cell->colour);
    fwrite(cell->text.at, 1, cell->text.len, stdout);
    if (coloured)
        fputs("\033[0m", stdout);
    if (cell->is_last)
        putchar('\n');
    else
        printf("%*s", (int)spaces, "");
}

void
columns_print(struct columns *c)
{
    bool coloured = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
    size_t at = 0;

    for (size_t i = 0; i < c->n; i++) {
        print_cell(&c->cells[i], c->width[at], coloured);
        at = c->cells[i].is_last ? 0 : at + 1;
        bytes_free(&c->cells[i].text);
    }
    mem_free(c->cells);
    *c = (struct columns){ 0 };
}
