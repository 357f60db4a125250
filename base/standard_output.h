/* standard_output.h -- has everything been written, and if not, is it the reader who left? */
#ifndef BASE_STANDARD_OUTPUT_H
#define BASE_STANDARD_OUTPUT_H

#include <stdbool.h>

enum { STATUS_READER_LEFT = 128 + 13 }; /* of a program that SIGPIPE (13) ends, as a shell tells it */

/* False when something could not be written, now or before. */
bool standard_output_flush(void);
/* Standard output is a pipe that nothing reads any more: its reader, as head does, has seen enough, which is no error.
 */
bool standard_output_lost_reader(void);

#endif
