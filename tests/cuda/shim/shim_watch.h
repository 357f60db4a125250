/* shim_watch.h -- memory that kernels must not touch, where AddressSanitizer looks on. Part of cuda_runtime.h.
 *
 * DSSDC_SHIM_WATCH=1 makes nvcc.sh compile so. Then every access outside of what cudaMalloc() gave, of a variable of the device,
 * of a shared variable, of the shared memory that a launch asked for, or of an array in a thread's stack ends the program with
 * a report, and so does a vector that is not aligned. What lies between the values of an arena the test hides itself. Stacks need
 * no word to the sanitizer: frames are marked where they lie, as long as its heap of fake frames is off, as it is in GCC. */
#ifndef SHIM_WATCH_H
#define SHIM_WATCH_H

#include <stddef.h>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace shim
{

#if defined(__SANITIZE_ADDRESS__)
enum { IS_WATCHED = 1 };

inline void hide(const void *p, size_t size)
{
	__asan_poison_memory_region(p, size);
}

inline void show(const void *p, size_t size)
{
	__asan_unpoison_memory_region(p, size);
}

/* Says more when a sanitizer ends the program. */
inline void watch_reports(void (*print)())
{
	__sanitizer_set_death_callback(print);
}
#else
enum { IS_WATCHED = 0 };

inline void hide(const void *, size_t)
{
}

inline void show(const void *, size_t)
{
}

inline void watch_reports(void (*)())
{
}
#endif

} // namespace shim

#endif
