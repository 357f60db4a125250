/* bounds_state.h -- the abstract state at a point of a path: a value in each slot, the facts that hold, the calls and loops that
 * are open. A scope marks a point of the path; the state can be undone to it, or recorded as an exit state relative to it.
 */
#ifndef CHECK_BOUNDS_STATE_H
#define CHECK_BOUNDS_STATE_H

#include "check/bounds_value.h"
#include "check/context.h"

typedef struct Change {
	int slot;
	Value value;
} Change;

typedef struct ExitState ExitState;
struct ExitState { /* the state at an exit of a scope, as a difference from the state at its entry */
	Change *change;
	int nchange;
	Linear *fact;
	int nfact;
	Value value; /* of a return */
	ExitState *next;
};

typedef struct Scope {
	int change, fact;    /* lengths of State.undo and of the list of facts at its entry */
	const Ast *function; /* its variables end with the scope; or null */
	ExitState *exit;     /* exits so far */
} Scope;

typedef struct Loop { /* a loop that is open */
	const Ast *body;
	Linear iteration;   /* 0, 1, ... */
	Scope leave, again; /* exits by break, and by continue or the end of the body */
	int64_t most;       /* a break at the top of the body ends the loop after this many iterations at the latest; -1: there is none */
	struct Loop *outer;
} Loop;

typedef struct Frame {              /* a call that is open */
	const Ast *function, *call; /* call: null of an entry point */
	Scope leave;
	Loop *loop;
	struct Frame *caller;
} Frame;

/* The indices and sizes of a launch that a thread can read. */
enum { LAUNCH_BLOCK, LAUNCH_THREAD, LAUNCH_BLOCKS, LAUNCH_THREADS, LAUNCH_INDICES };

struct State {
	Rules *rules;
	Arena *arena; /* of one entry point */
	Knowledge k;
	Value *value; /* by slot */
	int nslot, slot_capacity;
	int *shared;                  /* slots that are written through pointers: elements of arrays, variables whose address was taken */
	const Ast **owner;            /* by slot: the function whose variable it is, or null */
	CXType *type;                 /* by slot: of a number or pointer that has a name */
	bool *is_content, *is_shared; /* by slot: the slot holds the join of an array's elements; the slot is listed in shared */
	int nshared;
	Change *undo; /* previous values of slots, in order of time */
	int nundo, undo_capacity;
	Region *arena_region, *weights_region, *pixels; /* of the model, and the caller's; null until the first use */
	Frame *frame;
	Linear launch[LAUNCH_INDICES][3]; /* of the launch whose kernel is walked: x, y, z */
	Linear dynamic;                   /* bytes of dynamic shared memory of that launch */
	bool *launched; /* by number of a function: a kernel that was launched from an entry point; shared by all entry points */
	int *visited;   /* by number of a function: the count of calls at its first walk that was not speculative; 0: none yet */
	int ncall;
	int speculative; /* > 0: the walk looks for an invariant and makes no findings */
	int64_t steps;   /* left: the analysis of a foreign file must end too */
};

int slot_new(State *s, Value v);
int slot_content(State *s, bool constant); /* a new slot for the elements of an array */
void slot_share(State *s, int slot);
void slot_end_shared(State *s, const Ast *function, int nshared); /* the function's variables among the slots shared since then end */
int slot_of(State *s, const Ast *variable);
void slot_set(State *s, int slot, Value v);

void scope_enter(State *s, Scope *scope);
void scope_undo(State *s, const Scope *scope);                    /* back to the state at its entry */
ExitState *scope_exit(State *s, const Scope *scope, Value value); /* the current state, relative to the scope's entry */
void scope_leave(State *s, Scope *scope, Value value);            /* the current state becomes one of the scope's exits */
void state_assume(State *s, const Linear *fact, int n);           /* facts e >= 0 hold from here on, until the scope is undone */
void loop_open(State *s, Loop *loop);

#endif
