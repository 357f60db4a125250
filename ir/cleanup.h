/* cleanup.h -- takes back what was begun when the program ends before its time.
 *
 * Everything that is not finished is in a folder of ours: files that wait to get their final names, sources and objects on
 * their way to a product. A table holds those folders and the child process that runs. The end of the program for want of
 * memory, a fault of ours, or a signal empties the table first: folders with everything in them go, the child is killed.
 *
 * cleanup_run() is called by signal handlers and when there is no memory, so it allocates nothing, opens nothing that it
 * can have open already, and calls only what POSIX lets a handler call (and getdents64, which is a plain system call).
 *
 * The table is mutable and static, which nothing else should be: a signal handler has no other place to look at. Signals are
 * held back while a row changes, so the handler never sees half of one.
 */
#ifndef IR_CLEANUP_H
#define IR_CLEANUP_H

#include <signal.h>
#include <sys/types.h>

/* A fresh folder "PREFIX0123456789abcdef" (random digits), for this user only, in the table from its first moment. Its row,
 * or -1 with errno. */
int cleanup_folder_new(const char *prefix);
/* A folder `name` inside the folder of a row: a row of its own. */
int cleanup_folder_inside(int row, const char *name);
const char *cleanup_folder_path(int row);
int cleanup_folder_descriptor(int row); /* open for openat() as long as the row is there */
void cleanup_folder_remove(int row);    /* with everything in it; -1 is allowed */

void cleanup_child_set(pid_t child); /* leader of its process group; 0: it has ended. Call with signals held back */

void cleanup_forget(void); /* in a child that was forked: all of it is the parent's */

void cleanup_run(void); /* everything above; may be called again */

/* No handler runs between the two. */
void cleanup_hold(sigset_t *before);
void cleanup_release(const sigset_t *before);

/* Says that there is no more memory, cleans up, and ends the program with exit status 4 (DIAG_LIMIT). */
_Noreturn void stop_out_of_memory(void);
/* The same with nothing said, and another status. */
_Noreturn void stop_with_status(int status);

#endif
