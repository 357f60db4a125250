/* command_list.c -- dssdc passes, targets, ops: what there is, printed from the tables. */
#include "codegen/codegen.h"
#include "compiler/commands.h"
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

int command_targets(const Options *o, Arena *a, Diag *d)
{
	(void)o, (void)a, (void)d;
	const Target *native = target_find("native");
	for (int i = 0; targets[i]; i++) {
		printf("%-16s %s\n", targets[i]->name, targets[i]->doc);
		if (targets[i]->cflags[0]) { /* read by install/dssdcAddModel.cmake */
			printf("%-16s   $CC", "");
			for (int k = 0; targets[i]->cflags[k]; k++)
				printf(" %s", targets[i]->cflags[k]);
			putchar('\n');
		}
		for (const Precision *p = targets[i]->precision; p[0].name && targets[i]->precision[1].name; p++)
			printf("%-16s   --precision=%-5s %s\n", "", p->name, p->doc);
	}
	printf("%-16s the widest that this machine runs: %s\n", "native", native->name);
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
