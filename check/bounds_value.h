/* bounds_value.h -- abstract values: an integer is a linear expression over symbols, a pointer is a region and an offset in bytes.
 * Floats and vectors are opaque: an index that comes from one goes through an integer, which is bounded by its type then.
 */
#ifndef CHECK_BOUNDS_VALUE_H
#define CHECK_BOUNDS_VALUE_H

#include "check/ast.h"
#include "check/bounds_linear.h"

typedef struct State State; /* bounds_state.h */

typedef struct Region { /* an object in memory, or one array member of a structure */
	const char *name;
	Linear size;                  /* bytes */
	bool trusted;                 /* the caller's pixels: their size is a precondition of the header */
	int variable;                 /* slot of the scalar that is stored there; 0: the region is an array, or the scalar is not tracked */
	CXType type;                  /* of that scalar, or of the structure's member */
	int content;                  /* slot of the join of all elements; 0: elements are not tracked */
	struct Region *member, *next; /* member: the first array member, as a region; next: the next one of the same structure */
	int64_t offset;               /* of a member in its structure, bytes */
	bool is_record;               /* a structure whose members are tracked one by one: each is a region */
	bool unset, constant;         /* of such a structure: not written yet; not written again */
	const Ast *owner;             /* the function whose variable it is; null: a temporary value */
	int *element, nelement;       /* slots of the elements of a short array in a structure */
} Region;

typedef enum ValueKind {
	VALUE_NOTHING, /* no value yet (bottom): an array before its first write */
	VALUE_OPAQUE,  /* floats, vectors, structures; an unknown integer or pointer has its own kind */
	VALUE_INTEGER,
	VALUE_POINTER, /* region may be null: the object is not known */
} ValueKind;

enum { CONDITION_FACTS = 6 };

typedef struct Condition { /* facts e >= 0 that hold where an integer is not 0 (yes), and where it is 0 (no) */
	Linear yes[CONDITION_FACTS], no[CONDITION_FACTS];
	int nyes, nno;
	Linear equal; /* yes is equivalent to `equal == 0`, if is_equal */
	bool is_equal;
} Condition;

typedef struct Value {
	ValueKind kind;
	Linear x; /* the integer; or bytes from the start of the region */
	Region *region;
	const Condition *when; /* of an integer that is a truth value; or null */
} Value;

Value value_integer(Linear x);
Value value_unknown(State *s, CXType type);                                    /* any value of the type (top) */
Value value_convert(State *s, Value v, CXType to);                             /* any value of the type if the conversion may wrap */
Linear value_size(CXType type);                                                /* bytes */
Value value_move(State *s, Value pointer, Value by, CXType element, int sign); /* pointer + sign * by */
Region *region_new(State *s, const char *name, Linear size);

#endif
