/* equal.h -- whether two Lua values are the same JSON. */
#ifndef DECODE_EQUAL_H
#define DECODE_EQUAL_H

#include <lua.h>
#include <stdbool.h>

/* Deep; tables that are empty are told apart by the metatable of arrays at
 * `array_meta`. What is nested deeper than can be written is not equal. */
bool equal_values(lua_State *L, int a, int b, const void *array_meta);

#endif
