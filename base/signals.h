/* signals.h -- what the program does about signals and about a stack that cannot grow. */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

/* From here on SIGINT, SIGTERM, SIGHUP and their like take back what was begun and end the child before they end the
 * program as ever; one that is ignored stays so. A pipe without a reader and a file at its limit are errors of write().
 * Standard input, output and error are open: no file of ours gets their numbers. Ends the program with exit status 4 when
 * its stack cannot have the size that it needs. */
void signals_begin(void);

#endif
