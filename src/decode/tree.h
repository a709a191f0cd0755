/* tree.h -- a JSON object as a tree, for who has no Lua at hand. */
#ifndef DECODE_TREE_H
#define DECODE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct tree;
struct tree_node;

/* NULL: the text is no JSON object; `err` says why. */
struct tree *tree_read(const char *text, size_t len, struct error *err);
void tree_free(struct tree *t);

/* Nodes and texts are lent as long as the tree. All functions below take NULL
 * for a node that is not there. */
const struct tree_node *tree_root(const struct tree *t);
/* Of an object: the value of that key; NULL: it has none. */
const struct tree_node *tree_find(const struct tree_node *object,
                                  const char *key);
/* Of an object or an array: its first value; of a value: the one behind it. */
const struct tree_node *tree_first(const struct tree_node *node);
const struct tree_node *tree_next(const struct tree_node *node);
/* Of a value in an object: its key. */
const char *tree_key(const struct tree_node *node);
/* NULL: it is no text. */
const char *tree_text(const struct tree_node *node);
/* A number without its fraction; false, and `number` is as it was: it is none,
 * or beyond 2^53. */
bool tree_number(const struct tree_node *node, int64_t *number);

#endif
