/* bounds_records.h -- structures whose members are tracked one by one. */
#ifndef CHECK_BOUNDS_RECORDS_H
#define CHECK_BOUNDS_RECORDS_H

#include "check/bounds_state.h"

Region *record_at(Value v); /* the tracked structure whose first byte v points at; or null */
Region *record_new(State *s, const char *name, CXType type, const Ast *owner, bool constant);
Region *record_member(State *s, Region *of, const char *name, CXType type, int64_t offset);
void record_copy(State *s, Region *to, Value from);
Value record_returned(State *s, Value v); /* a copy that outlives the function */
void region_forget(State *s, Region *r);  /* from here on it may hold any values */

#endif
