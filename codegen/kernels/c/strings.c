/* strings.c -- texts for people: of errors, and of the version that made the source.
 *
 * ints: ERRORS (codes below 0) ; words: MESSAGES (a string literal and a comma for each code from 0 down, a line each) VERSION (a
 * string literal)
 */
#ifndef DSSDC
#define ERRORS 1
#define MESSAGES "done", "an argument is out of its range"
#define VERSION "1"
const char *net_strerror(int error);
const char *net_version(void);
#endif
const char *net_strerror(int error)
{
	static const char *const text[] = {
MESSAGES
	};

	return error <= 0 && error >= -ERRORS ? text[-error] : "unknown error";
}

const char *net_version(void)
{
	return VERSION;
}
