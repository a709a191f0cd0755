/* tree.c -- a JSON object as a tree, for who has no Lua at hand.
 *
 * The nodes are cJSON's items. */
#include "decode/tree.h"

#include <math.h>

#include "base/mem.h"
#include "decode/parse.h"

/* Up to it doubles have all whole numbers. */
#define NUMBER_MOST 9007199254740992.

struct tree {
    struct arena arena;
    const cJSON *root;
};

static const cJSON *
item_of(const struct tree_node *node)
{
    return (const cJSON *)node;
}

static const struct tree_node *
node_of(const cJSON *item)
{
    return (const struct tree_node *)item;
}

struct tree *
tree_read(const char *text, size_t len, struct error *err)
{
    struct tree *t = mem_new(sizeof *t);
    struct cursor cursor;

    cursor_begin(&cursor, text, len);
    t->root = parse_text(&t->arena, &cursor, err);
    if (t->root != NULL && cJSON_IsObject(t->root))
        return t;
    if (t->root != NULL)
        fail(err, "not a JSON object");
    tree_free(t);
    return NULL;
}

void
tree_free(struct tree *t)
{
    if (t == NULL)
        return;
    arena_free(&t->arena);
    mem_free(t);
}

const struct tree_node *
tree_root(const struct tree *t)
{
    return node_of(t->root);
}

const struct tree_node *
tree_find(const struct tree_node *object, const char *key)
{
    return node_of(cJSON_GetObjectItemCaseSensitive(item_of(object), key));
}

const struct tree_node *
tree_first(const struct tree_node *node)
{
    return node != NULL ? node_of(item_of(node)->child) : NULL;
}

const struct tree_node *
tree_next(const struct tree_node *node)
{
    return node != NULL ? node_of(item_of(node)->next) : NULL;
}

const char *
tree_key(const struct tree_node *node)
{
    return node != NULL ? item_of(node)->string : NULL;
}

const char *
tree_text(const struct tree_node *node)
{
    return cJSON_GetStringValue(item_of(node));
}

bool
tree_number(const struct tree_node *node, int64_t *number)
{
    const cJSON *item = item_of(node);

    if (!cJSON_IsNumber(item) || fabs(item->valuedouble) > NUMBER_MOST)
        return false;
    *number = (int64_t)item->valuedouble;
    return true;
}
