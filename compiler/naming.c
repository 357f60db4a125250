/* naming.c -- a file keeps the name that -o gives; a prefix that -o or the model's name cannot give is made of it and said; --name is
 * taken as it is or refused. */
#include "compiler/naming.h"
#include "codegen/codegen.h"
#include "base/files.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- what is taken ---- */

/* Keywords of C up to C23 and of C++ up to C++20, and what main() is. */
static const char *const keywords[] = {
    "alignas",     "alignof",      "and",       "and_eq",   "asm",       "auto",          "bitand",   "bitor",
    "bool",        "break",        "case",      "catch",    "char",      "char16_t",      "char32_t", "char8_t",
    "class",       "co_await",     "co_return", "co_yield", "compl",     "concept",       "const",    "const_cast",
    "consteval",   "constexpr",    "constinit", "continue", "decltype",  "default",       "delete",   "do",
    "double",      "dynamic_cast", "else",      "enum",     "explicit",  "export",        "extern",   "false",
    "float",       "for",          "friend",    "goto",     "if",        "inline",        "int",      "long",
    "main",        "mutable",      "namespace", "new",      "noexcept",  "not",           "not_eq",   "nullptr",
    "operator",    "or",           "or_eq",     "private",  "protected", "public",        "register", "reinterpret_cast",
    "requires",    "restrict",     "return",    "short",    "signed",    "sizeof",        "static",   "static_assert",
    "static_cast", "struct",       "switch",    "template", "this",      "thread_local",  "throw",    "true",
    "try",         "typedef",      "typeid",    "typename", "typeof",    "typeof_unqual", "union",    "unsigned",
    "using",       "virtual",      "void",      "volatile", "wchar_t",   "while",         "xor",      "xor_eq",
    NULL,
};

/* With one of our endings after it, each is a function, macro or type of C, POSIX or a library that executables contain:
 * atomic_load, iconv_open, sem_close, shm_open, zlib_version, png_image. */
static const char *const prefixes[] = {
    "argp_program", "atomic", "fts", "fts64", "gai", "gnu_get_libc", "iconv", "jpeg", "mq", "pidfd", "png", "sem", "shm", "zlib", NULL,
};

/* NAME.h in a folder that -I names would be read in the place of a header of the system, of CUDA or of a library. */
static const char *const headers[] = {
    "aio",
    "alloca",
    "ar",
    "argp",
    "argz",
    "assert",
    "builtin_types",
    "byteswap",
    "channel_descriptor",
    "common_functions",
    "complex",
    "cooperative_groups",
    "cpio",
    "cpuid",
    "ctype",
    "cublas",
    "cublas_api",
    "cublas_v2",
    "cublasLt",
    "cuComplex",
    "cuda",
    "cuda_awbarrier",
    "cuda_bf16",
    "cuda_device_runtime_api",
    "cuda_fp16",
    "cuda_fp4",
    "cuda_fp6",
    "cuda_fp8",
    "cuda_occupancy",
    "cuda_pipeline",
    "cuda_profiler_api",
    "cuda_runtime",
    "cuda_runtime_api",
    "cuda_stdint",
    "cudaEGL",
    "cudaGL",
    "cudaProfiler",
    "cudart_platform",
    "cudaTypedefs",
    "cudnn",
    "cudnn_adv",
    "cudnn_backend",
    "cudnn_cnn",
    "cudnn_graph",
    "cudnn_ops",
    "cudnn_v9",
    "cudnn_version",
    "cxxabi",
    "device_atomic_functions",
    "device_double_functions",
    "device_functions",
    "device_launch_parameters",
    "device_types",
    "dirent",
    "dlfcn",
    "driver_functions",
    "driver_types",
    "elf",
    "endian",
    "envz",
    "err",
    "errno",
    "error",
    "execinfo",
    "fatbinary_section",
    "fcntl",
    "features",
    "fenv",
    "float",
    "fmtmsg",
    "fnmatch",
    "fpu_control",
    "fstab",
    "fts",
    "ftw",
    "gconv",
    "getopt",
    "glob",
    "gnu-versions",
    "grp",
    "gshadow",
    "host_config",
    "host_defines",
    "iconv",
    "ifaddrs",
    "immintrin",
    "inttypes",
    "iso646",
    "jconfig",
    "jerror",
    "jmorecfg",
    "jpeglib",
    "langinfo",
    "lastlog",
    "libgen",
    "library_types",
    "limits",
    "link",
    "locale",
    "malloc",
    "math",
    "math_constants",
    "math_functions",
    "mcheck",
    "memory",
    "mm_malloc",
    "mma",
    "mntent",
    "monetary",
    "mqueue",
    "nccl",
    "ndbm",
    "netdb",
    "nl_types",
    "nss",
    "nvrtc",
    "obstack",
    "omp",
    "paths",
    "png",
    "pngconf",
    "pnglibconf",
    "poll",
    "printf",
    "proc_service",
    "pthread",
    "pty",
    "pwd",
    "quadmath",
    "re_comp",
    "regex",
    "regexp",
    "resolv",
    "sched",
    "search",
    "semaphore",
    "setjmp",
    "sgtty",
    "shadow",
    "signal",
    "sm_20_atomic_functions",
    "sm_20_intrinsics",
    "sm_30_intrinsics",
    "sm_32_atomic_functions",
    "sm_32_intrinsics",
    "sm_35_atomic_functions",
    "sm_35_intrinsics",
    "sm_60_atomic_functions",
    "sm_61_intrinsics",
    "spawn",
    "stab",
    "stdalign",
    "stdarg",
    "stdatomic",
    "stdbit",
    "stdbool",
    "stdc-predef",
    "stdckdint",
    "stddef",
    "stdfix",
    "stdint",
    "stdio",
    "stdio_ext",
    "stdlib",
    "stdnoreturn",
    "string",
    "strings",
    "stropts",
    "surface_indirect_functions",
    "surface_types",
    "syscall",
    "sysexits",
    "syslimits",
    "syslog",
    "tar",
    "termio",
    "termios",
    "texture_indirect_functions",
    "texture_types",
    "tgmath",
    "thread_db",
    "threads",
    "time",
    "ttyent",
    "uchar",
    "ucontext",
    "ulimit",
    "unistd",
    "unwind",
    "utime",
    "utmp",
    "utmpx",
    "values",
    "varargs",
    "vector_functions",
    "vector_types",
    "wait",
    "wchar",
    "wctype",
    "wordexp",
    "x86intrin",
    "zconf",
    "zlib",
    NULL,
};

static bool is_listed(const char *const *list, const char *s)
{
	for (; *list; list++)
		if (!strcmp(*list, s))
			return true;
	return false;
}

/* In any letters: there are file systems that take String.h for string.h. */
static bool hides_header(const char *stem)
{
	for (int i = 0; headers[i]; i++)
		if (!strcasecmp(headers[i], stem))
			return true;
	const size_t n = strlen(stem);
	return n > 6 && !strcasecmp(stem + n - 6, "intrin"); /* of vector instructions: immintrin.h and its parts */
}

enum { LONGEST = 63 };

static bool is_identifier(const char *s)
{
	if (!isalpha((unsigned char)*s) || strlen(s) > LONGEST)
		return false;
	for (const char *p = s; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_')
			return false;
	return true;
}

/* ---- the parts ---- */

static const struct {
	const char *suffix, *emit, *thing;
	ProductKind kind;
} endings[] = {
    {".c", "c", "is source", KIND_SOURCE},
    {".cu", "c", "is source", KIND_SOURCE},
    {".o", "obj", "is an object", KIND_OBJECT},
    {".a", "lib", "is a library", KIND_LIBRARY},
    {".so", "shared", "is a shared object", KIND_SHARED},
};

static bool ends_in(const char *s, const char *suffix)
{
	const size_t n = strlen(s), m = strlen(suffix);
	return n > m && !strcmp(s + n - m, suffix);
}

const char *naming_kind_of(const char *file)
{
	const char *base = path_base(file);
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (ends_in(base, endings[i].suffix))
			return endings[i].emit;
	return NULL;
}

static const char *model_stem(const Options *o, Arena *a)
{
	char *s = arena_strdup(a, path_base(o->model));
	char *dot = strchr(s, '.');
	if (dot && dot > s)
		*dot = 0;
	return strcmp(s, "-") && *s ? s : "model";
}

/* "det" of "d/libdet.a" */
static const char *stem_of(const char *file, ProductKind kind, const char *suffix, Arena *a)
{
	char *s = arena_strdup(a, path_base(file));
	if (*suffix && ends_in(s, suffix))
		s[strlen(s) - strlen(suffix)] = 0;
	const bool library = kind == KIND_LIBRARY || kind == KIND_SHARED;
	return library && !strncmp(s, "lib", 3) && s[3] ? s + 3 : s;
}

/* An identifier as near to a stem as can be: "my-net.v2" gives my_net_v2, "9" model_9. */
static const char *prefix_from(const char *stem, Arena *a)
{
	char *s = arena_strdup(a, stem);
	for (char *p = s; *p; p++)
		if (!isalnum((unsigned char)*p))
			*p = '_';
	if (!isalpha((unsigned char)*s) || is_listed(keywords, s) || is_listed(prefixes, s))
		return arena_printf(a, "model_%s", s);
	return s;
}

static bool refuse_prefix(const Options *o, const char *prefix, Arena *a, Diag *d)
{
	const char *subject = o->name ? "--name" : "-o", *quoted = diag_quote(a, prefix);
	if (!is_identifier(prefix))
		diag_error(d, DIAG_REJECT, (Loc){0}, "%s: '%s' is no C identifier of at most %d letters%s", subject, quoted, LONGEST,
		           o->name ? "" : "; --name=IDENT gives the symbols another prefix");
	else if (is_listed(keywords, prefix))
		diag_error(d, DIAG_REJECT, (Loc){0}, "%s: '%s' is a word of C or C++; --name=model_%s is free", subject, quoted, quoted);
	else if (is_listed(prefixes, prefix))
		diag_error(d, DIAG_REJECT, (Loc){0}, "%s: functions or macros of the system begin with '%s_'; --name=model_%s is free",
		           subject, quoted, quoted);
	else
		return false;
	return true;
}

/* It goes into #include "...", comments and strings of the assembler. */
static bool stem_is_usable(const char *stem, Arena *a, Diag *d)
{
	bool good = !strstr(stem, "?\?");
	for (const unsigned char *p = (const unsigned char *)stem; *p; p++)
		good &= *p >= ' ' && *p < 127 && *p != '"' && *p != '\\';
	if (!good)
		diag_error(d, DIAG_REJECT, (Loc){0},
		           "-o: '%s' cannot be the name of a header: #include takes no quote, backslash, \"?\?\" or byte that is not "
		           "printable ASCII",
		           diag_quote(a, stem));
	return good;
}

/* ---- where ---- */

static const char *const suffixes[] = {[KIND_EXECUTABLE] = "", [KIND_OBJECT] = ".o", [KIND_LIBRARY] = ".a", [KIND_SHARED] = ".so"};

/* dir and file. named: -o names the file itself, not a folder. */
static bool find_file(const Options *o, ProductKind kind, const char *suffix, bool *named, Naming *n, Arena *a, Diag *d)
{
	const char *out = o->output;
	if (out && !strcmp(out, "-")) {
		diag_error(d, DIAG_REJECT, (Loc){0}, "-o -: code is written to files; standard output takes --emit=ir, json, dot, html");
		return false;
	}
	const size_t length = out ? strlen(out) : 0;
	*named = out && out[length - 1] != '/' && !file_is_folder(out);
	if (!*named) {
		const char *stem = o->name ? o->name : model_stem(o, a);
		n->dir = !out ? "." : length > 1 && out[length - 1] == '/' ? arena_strndup(a, out, length - 1) : out;
		if (kind != KIND_EXECUTABLE && hides_header(stem))
			stem = arena_printf(a, "model_%s", stem);
		n->file = out ? arena_printf(a, "%s/%s%s", strcmp(n->dir, "/") ? n->dir : "", stem, suffix)
		              : arena_printf(a, "%s%s", stem, suffix);
		return true;
	}
	const char *slash = strrchr(out, '/');
	n->dir = !slash ? "." : slash == out ? "/" : arena_strndup(a, out, (size_t)(slash - out));
	n->file = kind == KIND_SOURCE && !ends_in(path_base(out), suffix) ? arena_printf(a, "%s%s", out, suffix) : out;
	return true;
}

/* -o x.c for a target whose source is x.cu, -o x.c for an archive, -o x.o for source: a makefile would look for another file than is
 * written, or take it for another kind. */
static bool ending_fits(const Options *o, ProductKind kind, const char *suffix, Diag *d)
{
	const char *base = path_base(o->output);
	const bool c = ends_in(base, ".c"), cu = ends_in(base, ".cu");
	if (kind == KIND_SOURCE && ((c && strcmp(suffix, ".c")) || (cu && strcmp(suffix, ".cu")))) {
		diag_error(d, DIAG_REJECT, (Loc){0}, "-o: the source of this target is a %s file, not %s; --target decides which", suffix,
		           c ? ".c" : ".cu");
		return false;
	}
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (ends_in(base, endings[i].suffix) && endings[i].kind != kind) {
			diag_error(d, DIAG_REJECT, (Loc){0}, "-o: a %s file %s, which --emit=%s writes, not --emit=%s", endings[i].suffix,
			           endings[i].thing, endings[i].emit, o->emit ? o->emit : "exe");
			return false;
		}
	return true;
}

/* Notes about names that the user did not choose: prefix, macros, header. by_name: --name chose the prefix. Executables get no note, as
 * they have no names to use. */
static void tell(const Naming *n, const char *asked, bool by_name, Arena *a, Diag *d)
{
	const char *macros = capitals_of(n->prefix, a);
	char plain[LONGEST + 1];
	size_t i = 0;
	for (; asked[i] && i < LONGEST; i++)
		plain[i] = (char)(isalnum((unsigned char)asked[i]) ? asked[i] : '_');
	plain[i] = 0;
	if (!by_name && strcmp(n->prefix, plain))
		diag_note(d, (Loc){0}, "symbols begin with %s_ (--name=IDENT gives them another prefix)", n->prefix);
	if (!strncmp(macros, "MODEL_", 6) && strncasecmp(n->prefix, "MODEL_", 6))
		diag_note(d, (Loc){0}, "macros begin with %s_: headers of the system have names that begin with %s_", macros, macros + 6);
	else if (strcasecmp(macros, n->prefix))
		diag_note(d, (Loc){0}, "macros begin with %s_: those of a model with this name in small letters begin with %s_", macros,
		          n->prefix);
	if (strcmp(n->stem, asked))
		diag_note(d, (Loc){0}, "the header is called %s.h: a header of the system or of CUDA has the other name", n->stem);
}

bool naming_decide(const Options *o, ProductKind kind, const char *suffix, Naming *n, Arena *a, Diag *d)
{
	bool named;
	if (kind != KIND_SOURCE)
		suffix = suffixes[kind];
	if (!find_file(o, kind, suffix, &named, n, a, d) || (named && !ending_fits(o, kind, suffix, d)))
		return false;
	const char *asked = o->name && (kind != KIND_SOURCE || !named) ? o->name
	                    : named                                    ? stem_of(n->file, kind, suffix, a)
	                                                               : model_stem(o, a);
	n->prefix = o->name ? o->name : prefix_from(asked, a);
	if (refuse_prefix(o, n->prefix, a, d))
		return false;
	if (kind == KIND_EXECUTABLE) {
		n->stem = "model"; /* no other file of the work folder has this name, and no header */
		return true;
	}
	n->stem = asked;
	if (!stem_is_usable(asked, a, d))
		return false;
	if (hides_header(asked) && kind == KIND_SOURCE && named) {
		diag_error(d, DIAG_REJECT, (Loc){0},
		           "-o: %s.h would be read in the place of the header of that name, of the system or of CUDA; "
		           "another file name is needed",
		           diag_quote(a, asked));
		return false;
	}
	if (hides_header(asked))
		n->stem = arena_printf(a, "model_%s", asked);
	tell(n, asked, o->name != NULL, a, d);
	return true;
}
