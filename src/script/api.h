/* api.h -- the library's C functions: one file for each module.
 *
 * A binding is three steps: check, call, push. Wrong arguments raise; the
 * world answers `nil, sentence`. Each function has its station as upvalue. */
#ifndef SCRIPT_API_H
#define SCRIPT_API_H

#include <lauxlib.h>
#include <lua.h>

#include "script/station.h"

/* Pushes the table that `require "cdr.host"` gives to a station. */
void api_library(lua_State *L, struct station *s);

/* Puts into the station's globals what needs no require: print. */
void api_globals(lua_State *L, struct station *s);

/* The station whose library the running function belongs to. */
struct station *api_station(lua_State *L);

/* Pushes what the world answers: `return api_nil(L, err.text);`. */
int api_nil(lua_State *L, const char *sentence);

extern const luaL_Reg api_event[]; /* on ... key_order raw id place */
extern const luaL_Reg api_json[];  /* json_decode ... array */
extern const luaL_Reg api_log[];   /* log */
extern const luaL_Reg api_time[];  /* now wall use_time sleep */
extern const luaL_Reg api_sink[];  /* sink begin_file */
extern const luaL_Reg api_state[]; /* state kept */
extern const luaL_Reg api_text[];  /* nearest hash */
extern const luaL_Reg api_http[];  /* http_request */
extern const luaL_Reg api_run[];   /* sets args exit_code ... source */
extern const luaL_Reg api_geo[];   /* geo_open ip_text hmac */

extern const luaL_Reg api_print[]; /* print, a global */

/* Registers the metatable of sinks, of handles and of databases. */
void api_sink_open(lua_State *L);
void api_event_open(lua_State *L);
void api_geo_open(lua_State *L);

#endif
