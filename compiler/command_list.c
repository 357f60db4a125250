/* command_list.c -- dssdc passes, targets, ops: what there is, printed from the tables. */
#include "codegen/codegen.h"
#include "compiler/commands.h"
#include "compiler/request.h"
#include "passes/pass.h"

const char *tool_version(void)
{
	return "dssdc " DSSDC_VERSION;
}

int command_passes(const Options *o, Arena *a, Diag *d)
{
	(void)o, (void)a, (void)d;
	const Pipeline *p = &pipeline_inference;
	for (int i = 0; i < p->length; i++)
		printf("%-16s %-9s %s\n", p->pass[i].name, p->pass[i].optional ? "optional" : "always", p->pass[i].doc);
	return 0;
}

static void print_flags(const Target *t)
{
	for (int k = 0; t->cflags[k]; k++)
		printf("%s%s", k ? " " : "", t->cflags[k]);
}

static void print_target(const Target *t)
{
	printf("%-16s %s\n", t->name, t->doc);
	if (t->cflags[0]) {
		printf("%-16s   $CC ", "");
		print_flags(t);
		putchar('\n');
	}
	for (const Precision *p = t->precision; p[0].name && t->precision[1].name; p++)
		printf("%-16s   --precision=%-5s %s\n", "", p->name, p->doc);
}

int command_targets(const Options *o, Arena *a, Diag *d)
{
	const Target *one = o->flags ? request_target(o->flags, a, d) : NULL;
	if (one) {
		print_flags(one);
		putchar('\n');
	}
	if (o->flags)
		return diag_exit_code(d);
	for (int i = 0; targets[i]; i++)
		print_target(targets[i]);
	printf("%-16s the widest that this machine runs: %s\n", "native", target_find("native")->name);
	return 0;
}

static const char *kind_name(FieldKind k)
{
	static const char *const names[] = {"int", "int", "bool", "float", "function", "code", "type"};
	return names[k];
}

int command_ops(const Options *o, Arena *a, Diag *d)
{
	(void)o, (void)a, (void)d;
	for (int op = 0; op < OP_COUNT; op++) {
		const OpInfo *info = &op_info[op];
		printf("%-10s %s\n", info->name, info->doc);
		for (int f = 0; f < info->nfield; f++) {
			printf("           %s=%s", info->field[f].name, kind_name(info->field[f].kind));
			if (info->field[f].count > 1)
				printf(" x%s%d", info->field[f].count_offset ? " up to " : "", info->field[f].count);
			putchar('\n');
		}
	}
	puts("\nscalar functions (x, y; alpha, beta are attributes):");
	for (int f = FN_NONE + 1; f < FN_COUNT; f++)
		printf("%-10s %s\n", func_name((Func)f), func_doc((Func)f));
	return 0;
}
