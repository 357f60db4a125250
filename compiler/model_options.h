/* model_options.h -- which options of the command line fit which kind of model. */
#ifndef COMPILER_MODEL_OPTIONS_H
#define COMPILER_MODEL_OPTIONS_H

#include "import/model_kind.h"
#include "compiler/options.h"

/* A kind as a bit, for sets of kinds. */
#define KIND_BIT(kind) (1 << (kind))

typedef struct OptionKinds {
	OptionRow row;
	int kinds;       /* the kinds of model that have a use for the option */
	const char *why; /* after the error: why the other kinds have none */
} OptionKinds;

extern const OptionKinds option_kinds[]; /* a row for each option of the group "Model" */
extern const int option_kinds_length;

/* An error for each option that was given and does not fit a model of this kind; false if there were any. */
bool model_options_fit(const Options *o, ModelKind kind, Diag *d);

#endif
