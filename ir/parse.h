/* parse.h -- the reader of the text form among its files. */
#ifndef IR_PARSE_H
#define IR_PARSE_H

#include "ir/text.h"

enum { LARGEST_ID = 9999999 };
#define LARGEST_OFFSET ((int64_t)1 << 60)

typedef struct Pending { /* a base that was named, not found yet */
	Value *value;
	int base;
	int axis;
	int64_t at;
	Loc loc;
} Pending;

typedef struct Entry { /* id 0: free */
	int id;
	int line; /* that defines it */
	Value *value;
} Entry;

typedef struct Parser {
	Lexer x;
	Graph *g;
	Arena *scratch;
	KernelByName kernel_by_name;
	Entry *entry; /* open addressing; capacity is a power of two */
	size_t capacity, defined;
	Value **in; /* of the node that is being read */
	int in_capacity;
	Pending *pending;
	int npending, pending_capacity;
	int errors_before;
	unsigned seen_lines; /* bit per kind */
	Loc preprocess;      /* where the line is */
} Parser;

bool parse_id(Parser *p, int *id);          /* %4 */
bool parse_known_id(Parser *p, Value **v);  /* false without a message when its line had an error */
bool parse_key(Parser *p, const char *key); /* key= */
bool parse_ints(Parser *p, int *out, int count, int least, int most, const char *what);
bool parse_doubles(Parser *p, double *out, int count);
bool parse_preprocess(Parser *p);
void parse_check_preprocess(Parser *p);                        /* at the end: the graph has the input that the line describes */
bool parse_attributes(Parser *p, Node *n);                     /* name=value ... */
bool parse_facts(Parser *p, Node *n, Value *const *v, int nv); /* to the end of the line; n: null for inputs and constants */
void parse_resolve_bases(Parser *p);                           /* at the end: every value is known */
Entry *parse_entry(const Parser *p, int id);                   /* of the table of values, filled or free */
Blob *parse_blob(Parser *p, const Type *t);                    /* #hash, or = and numbers; null after an error */

#endif
