/* build.h -- from emitted source to object, library or executable, with the user's C compiler. */
#ifndef TOOLCHAIN_BUILD_H
#define TOOLCHAIN_BUILD_H

#include "base/progress.h"
#include "ir/arena.h"
#include "ir/diag.h"
#include "ir/target.h"

typedef enum Product { PRODUCT_OBJECT, PRODUCT_LIBRARY, PRODUCT_SHARED, PRODUCT_EXECUTABLE } Product;

/* A fresh folder below $TMPDIR or /tmp, which goes when the program ends before its time: its row (ir/cleanup.h), or -1 after
 * an error. cleanup_folder_remove() ends it. */
int work_dir_make(Diag *d);

typedef struct BuildRequest {
	Product product;
	int work;           /* work folder: its row */
	const char *dir;    /* and its path: everything that emit_source() wrote is in it */
	const char *name;   /* prefix of the symbols */
	const char *stem;   /* of the emitted files; null: name */
	const char *out;    /* appears when complete */
	const char *beside; /* folder that gets what the user of the product needs: STEM.h, and STEM.weights where they are
	                     * loaded at run time; null: none */
	const Target *target;
	bool only_pnm;             /* the executable reads and writes Netpbm's formats only, and links no library for pictures */
	bool loads_weights;        /* the program reads STEM.weights when it runs */
	bool library;              /* the program calls the vendor's */
	double threshold;          /* of the detector in an executable: no score is at or below it */
	const char *const *cflags; /* of the user: each any number of words; null-terminated, or null */
	const char *arch;          /* of the user: architectures of GPUs, with commas; null: a standard one */
	Progress progress;         /* verbose: commands are shown */
	const char *manifest;      /* gets STEM.manifest.json of the work folder, with the stack; null: no manifest is delivered */
} BuildRequest;

/* $CC or --cflags ask for link-time optimisation: assembler statements of the source are assembled at the link then, maybe when the
 * work folder is gone, so weights must have an object of their own. */
bool build_optimizes_at_link(const char *const *cflags, Arena *a);

/* Of the machine that the C compiler compiles for; 0 where it does not say, as after an error. */
int build_pointer_bytes(const BuildRequest *r, Arena *a, Diag *d);

bool build(const BuildRequest *r, Arena *a, Diag *d);
/* The product, not at its place but in the work folder; null after an error. */
const char *build_product(const BuildRequest *r, Arena *a, Diag *d);

#endif
