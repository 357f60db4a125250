/* weights_file.c -- E26: NAME.weights beside the source is the file that was written with it. Its head has a hash
 * and a CRC of the weights (codegen/codegen.h describes it); the manifest beside the source has hash and size. */
#include "codegen/codegen.h"
#include "check/findings.h"
#include "check/promise.h"
#include "check/rules.h"
#include "base/files.h"
#include "ir/crc32.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 20 }; /* bytes read at once */

static uint64_t little_endian(const unsigned char *p, int bytes)
{
	uint64_t x = 0;
	for (int i = 0; i < bytes; i++)
		x |= (uint64_t)p[i] << 8 * i;
	return x;
}

static bool read_crc(int fd, int64_t size, uint32_t *crc, Arena *a)
{
	unsigned char *piece = arena_alloc(a, PIECE);
	uint32_t sum = CRC32_BEGIN;
	for (int64_t at = WEIGHTS_HEAD; at < size;) {
		const size_t n = size - at < PIECE ? (size_t)(size - at) : PIECE;
		if (!file_read(fd, piece, n, at))
			return false;
		sum = crc32_add(sum, piece, n);
		at += (int64_t)n;
	}
	*crc = crc32_end(sum);
	return true;
}

/* The fault of the weights, as the rest of a sentence; null: they are right. */
static const char *fault_of(const Promise *p, int fd, int64_t size, Arena *a)
{
	unsigned char head[WEIGHTS_HEAD] = {0};
	uint32_t crc;
	if (size != p->weights_size + WEIGHTS_HEAD)
		return arena_printf(a, "has %" PRId64 " bytes; %" PRId64 " were written with the source", size,
		                    p->weights_size + WEIGHTS_HEAD);
	if (!file_read(fd, head, WEIGHTS_HEAD, 0) || !read_crc(fd, size, &crc, a))
		return "cannot be read";
	if (memcmp(head, "DSSDCW1", 8))
		return "is no file of weights";
	if (little_endian(head + 8, 8) != p->weights_hash)
		return arena_printf(a, "holds weights of hash %016" PRIx64 "; the source was written with %016" PRIx64,
		                    little_endian(head + 8, 8), p->weights_hash);
	if (little_endian(head + 16, 4) != crc)
		return "was changed since it was written: its CRC is another one";
	return NULL;
}

void check_weights(Rules *r, const Ast *n)
{
	const Promise *p = r->promise;
	if (n != r->file->root || !p || !p->weights_size || !strcmp(p->weights_form, "array"))
		return;
	const char *path = arena_printf(r->arena, "%.*s.weights", (int)(strlen(p->path) - strlen(".manifest.json")), p->path);
	if (access(path, F_OK))
		return; /* kept elsewhere: a build or NAME_load() reports it if it is missing */
	Diag quiet = {0};
	int64_t size = 0;
	const int fd = file_open(path, true, &size, &quiet);
	const char *fault = fd < 0 ? "cannot be read" : fault_of(p, fd, size, r->arena);
	if (fd >= 0)
		close(fd);
	if (fault)
		finding_at(r, n->child ? n->child : n, "%s %s", path_base(path), fault);
}
