/* goldens.h -- bad files and the message they give: NAME.EXTENSION beside NAME.err, in tests/import/bad.
 *
 * An expectation is the text of all messages and a last line with the exit status. UPDATE=1 in the environment writes
 * what is given instead; read it before it is committed.
 */
#ifndef TESTS_IMPORT_GOLDENS_H
#define TESTS_IMPORT_GOLDENS_H

#include "tests/import/tools.h"

#include <dirent.h>

typedef void (*Importer)(const char *file, Diag *d);

static inline int has_extension(const struct dirent *e, const char *extension)
{
	const char *dot = strrchr(e->d_name, '.');
	return dot && !strcmp(dot + 1, extension);
}

static inline void check_golden(const char *file, Importer import)
{
	Messages m;
	char expected[300];
	messages_open(&m);
	import(file, &m.diag);
	fprintf(m.diag.out, "exit %d\n", diag_exit_code(&m.diag));
	messages_text(&m);
	sprintf(expected, "%.*s.err", (int)(strrchr(file, '.') - file), file);
	if (getenv("UPDATE"))
		write_file(expected, m.text, m.size);
	char *want = read_file(expected, NULL);
	if (strcmp(want, m.text))
		fail_msg("%s\ngave:\n%swanted:\n%s", file, m.text, want);
	if (diag_exit_code(&m.diag) < DIAG_REJECT)
		fail_msg("%s was accepted", file);
	free(want);
	messages_free(&m);
}

/* Every file of the extension, twice: the message is the same on every run. Returns how many there are. */
static inline int check_goldens(const char *folder, const char *extension, Importer import)
{
	char back[4096];
	assert_non_null(getcwd(back, sizeof back));
	assert_int_equal(chdir(folder), 0);
	DIR *dir = opendir(".");
	assert_non_null(dir);
	int n = 0;
	for (struct dirent *e; (e = readdir(dir));) {
		if (!has_extension(e, extension))
			continue;
		check_golden(e->d_name, import);
		check_golden(e->d_name, import);
		n++;
	}
	closedir(dir);
	assert_int_equal(chdir(back), 0);
	return n;
}

#endif
