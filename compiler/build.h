/* build.h -- from emitted source to object, library or executable, with the user's C compiler. */
#ifndef COMPILER_BUILD_H
#define COMPILER_BUILD_H

#include "compiler/options.h"
#include "ir/target.h"

typedef enum Product { PRODUCT_OBJECT, PRODUCT_LIBRARY, PRODUCT_SHARED, PRODUCT_EXECUTABLE } Product;

/* A fresh folder below $TMPDIR or /tmp; null after an error. */
char *work_dir_make(Arena *a, Diag *d);
void work_dir_remove(const char *dir); /* with everything in it */

typedef struct BuildRequest {
	Product product;
	const char *dir;    /* work folder: everything that emit_source() wrote is in it */
	const char *name;
	const char *out;    /* appears when complete */
	const char *beside; /* folder that gets what the user of the product needs: NAME.h, and NAME.weights where they are
	                     * loaded at run time; null: none */
	const Target *target;
	bool library; /* the program calls the vendor's */
	const Options *options;
	const char *manifest;     /* gets NAME.manifest.json of the work folder, with the stack; null: nobody wants it */
	const char *const *keep;  /* null-terminated: files that are never replaced; or null */
} BuildRequest;

bool build(const BuildRequest *r, Arena *a, Diag *d);

#endif
