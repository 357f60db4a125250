/* bounds.h -- E21: each function that others may call is followed with symbols for what it is given; what it calls is
 * followed with what it passes, each loop once for all its rounds. Wherever memory is touched, the place must be proved to
 * lie inside the object: an array, the arena, the weights, or what the header promises of an argument.
 *
 * Floats and vectors are not followed: no index comes from them but through an integer that is bounded then.
 */
#ifndef CHECK_BOUNDS_H
#define CHECK_BOUNDS_H

#include "check/linear.h"
#include "check/rules.h"

typedef struct Region { /* an object in memory; of a structure, each array in it is one */
	const char *name;
	Linear size;  /* bytes */
	bool trusted; /* the caller's pixels: their size is a precondition of the header */
	int variable; /* slot of the scalar that lies there; 0: an array or unknown */
	CXType type;  /* of that scalar, or of the structure's member */
	int content;  /* slot of what any of its elements may be; 0: not followed */
	struct Region *member, *next; /* arrays in a structure, one after another: regions of their own */
	int64_t offset;               /* of a member, in the structure */
	bool is_record;               /* a structure whose numbers are followed: all its members are regions */
	bool unset, constant;         /* of such a structure: nobody wrote it yet; nobody writes it again */
	const Ast *owner;             /* the function that it is a variable of; null: a value on its way */
	int *element, nelement;       /* slots of the elements of a short array in one */
} Region;

typedef enum ValueKind {
	VALUE_NOTHING, /* nothing yet: an array that nobody wrote */
	VALUE_OPAQUE,  /* floats, vectors, structures; integers and pointers of which nothing is known are not opaque */
	VALUE_INTEGER,
	VALUE_POINTER, /* region may be null: into what is not known */
} ValueKind;

enum { CONDITION_FACTS = 6 };

typedef struct Condition { /* what holds when an integer is not 0, and when it is */
	Linear yes[CONDITION_FACTS], no[CONDITION_FACTS];
	int nyes, nno;
	Linear equal; /* yes is `equal == 0`, when that is all */
	bool is_equal;
} Condition;

typedef struct Value {
	ValueKind kind;
	Linear x; /* the integer; or bytes from the start of the region */
	Region *region;
	const Condition *when;
} Value;

typedef struct Change {
	int slot;
	Value value;
} Change;

typedef struct ExitState ExitState;
struct ExitState { /* a way out of a block: what changed since it was entered, and what is known there */
	Change *change;
	int nchange;
	Linear *fact;
	int nfact;
	Value value; /* of a return */
	ExitState *next;
};

typedef struct Scope { /* where a block was entered */
	int change, fact;
	const Ast *function; /* whose variables end with it; or null */
	ExitState *exit;
} Scope;

typedef struct Loop {
	const Ast *body;
	Linear iteration; /* 0, 1, ... */
	Scope leave, again; /* of break, of continue */
	int64_t most; /* rounds after which a break at the top of the body ends the loop at the latest; -1: none */
	struct Loop *outer;
} Loop;

typedef struct Frame { /* a call that is being followed */
	const Ast *function, *call; /* call: null of a root */
	Scope leave;
	Loop *loop;
	struct Frame *caller;
} Frame;

/* What a thread of a launch is told. */
enum { LAUNCH_BLOCK, LAUNCH_THREAD, LAUNCH_BLOCKS, LAUNCH_THREADS, LAUNCH_INDICES };
enum { LAUNCH_ARGUMENTS = 16 };

typedef struct State {
	Rules *rules;
	Arena *arena; /* of one root function */
	Knowledge k;
	Value *value; /* by slot */
	int nslot, slot_capacity;
	int *shared; /* slots that are written through pointers: elements of arrays, variables whose address was taken */
	const Ast **owner; /* by slot: the function whose variable it is, or null */
	CXType *type; /* by slot: of a number or pointer with a name */
	bool *is_content, *is_shared; /* by slot: holds what any element may be; stands in shared */
	int nshared;
	Change *undo; /* what slots held before, in order of time */
	int nundo, undo_capacity;
	Region *arena_region, *weights_region, *pixels; /* that of the model, the caller's; once met; or null */
	Frame *frame;
	Linear launch[LAUNCH_INDICES][3]; /* of the kernel that is followed: x, y, z */
	Linear dynamic; /* bytes of dynamic shared memory of that launch */
	bool *launched; /* by number of a function: a kernel that some root launched */
	int *visited; /* by number of a function: when its findings were made, as a count of calls; 0: not yet */
	int ncall;
	int speculative;    /* > 0: findings are for a later round */
	int64_t steps; /* left: a file that is not ours must not keep us for ever */
} State;

void check_bounds(Rules *r);

/* ---- bounds_values.c ---- */

Value value_integer(Linear x);
Value value_unknown(State *s, CXType type); /* any value of the type */
Value value_convert(State *s, Value v, CXType to);
Linear value_size(CXType type); /* bytes */
Value value_move(State *s, Value pointer, Value by, CXType element, int sign); /* pointer + sign * by */
Region *region_new(State *s, const char *name, Linear size);
int slot_new(State *s, Value v);
int slot_content(State *s, bool constant); /* a new one for the elements of an array */
void slot_share(State *s, int slot);
int slot_of(State *s, const Ast *variable);
void slot_set(State *s, int slot, Value v);

void scope_enter(State *s, Scope *scope);
void scope_undo(State *s, const Scope *scope); /* as it was when entered */
ExitState *scope_exit(State *s, const Scope *scope, Value value); /* the state of now, as a way out */
/* Back at the scope's entry, then the state that any of the exits may leave. The joined value of returns. */
Value join_states(State *s, Scope *scope, ExitState *exits);
void state_assume(State *s, const Linear *fact, int n);

/* ---- bounds_memory.c ---- */

void bounds_find(State *s, const Ast *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
void access_prove(State *s, const Ast *at, Value pointer, Linear size, const char *what);
/* A member is set: what is believed of it where it is read must be so. */
void check_invariant(State *s, const Ast *at, const char *member, Value v);
void walk_declaration(State *s, const Ast *variable);
Value walk_variable(State *s, const Ast *variable);
Region *contract_pixels(State *s); /* whose size the header asks of the caller */
Region *contract_object(State *s, const char *name, CXType pointer); /* in CUDA: one structure of the file's, or one array; or null */
Value walk_place(State *s, const Ast *n); /* what & gives */
Value walk_read(State *s, const Ast *n);
void walk_assign(State *s, const Ast *n, Value v); /* writes v to what n names */

/* ---- bounds_records.c ---- */

Region *record_at(Value v); /* the followed structure that v points at, at its beginning; or null */
Region *record_new(State *s, const char *name, CXType type, const Ast *owner, bool constant);
Region *record_member(State *s, Region *of, const char *name, CXType type, int64_t offset);
void record_copy(State *s, Region *to, Value from);
Value record_returned(State *s, Value v); /* one that outlives the function */
Value walk_list(State *s, const Ast *list); /* { a, b, c } */
void region_forget(State *s, Region *r); /* it may hold anything now */

/* ---- bounds_conditions.c ---- */

Value condition_compare(State *s, enum CX_BinaryOperatorKind op, Value a, Value b);
Value condition_within(State *s, Value x, Value end); /* 0 <= x && x < end */
Value condition_opposite(State *s, Value v);
/* a && b, or a || b. */
Value condition_join(State *s, const Ast *n, bool is_and);

/* ---- bounds_expressions.c, bounds_calls.c ---- */

Value walk_expression(State *s, const Ast *n);
Value walk_call(State *s, const Ast *call);
Value walk_function(State *s, const Ast *function, const Ast *call, const Value *argument, int n);

/* ---- bounds_launches.c ---- */

bool entry_is_wrapper(const Rules *r, const Ast *n); /* a function of the host for one kernel: it takes the queue and arrays */
bool is_cuda_entry_point(const Rules *r, const Ast *n); /* such a function, or one that others may call */
void walk_launch(State *s, const Ast *call); /* NAME_launch(queue, kernel, grid, threads, shared, arguments...) */
bool thread_index(const State *s, const Ast *n, Value *v); /* threadIdx.x and its like */

/* ---- bounds_known.c ---- */

/* A call of a function that is known by its name: what it gives. */
bool library_call(State *s, const Ast *call, const Value *argument, int n, Value *v);

/* ---- bounds_statements.c, bounds_loops.c ---- */

/* False: the path does not go on behind it. */
bool walk_statement(State *s, const Ast *n);
bool walk_for(State *s, const Ast *n);

#endif
