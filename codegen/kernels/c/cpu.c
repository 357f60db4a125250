/* cpu.c -- does this CPU have what the program was compiled for? Asked before anything else runs.
 *
 * ints: AVX2 FMA AVX512F AVX512VL AVX512DQ AVX512BW (0, 1: needed)
 */
#ifndef DSSDC
#include <stdint.h>
#define AVX2 1
#define FMA 1
#define AVX512F 1
#define AVX512VL 1
#define AVX512DQ 1
#define AVX512BW 1
#endif
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

static int net_cpu_serves(void)
{
	unsigned a = 0, b = 0, c = 0, d = 0, low = 0, high = 0, state;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 27))
		return 0; /* the system does not save vector registers */
#if FMA
	if (!(c & 1u << 12))
		return 0;
#endif
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	(void)high;
#if AVX512F
	state = 0xe6;
#else
	state = 0x6;
#endif
	if ((low & state) != state || !__get_cpuid_count(7, 0, &a, &b, &c, &d))
		return 0;
#if AVX2
	if (!(b & 1u << 5))
		return 0;
#endif
#if AVX512F
	if (!(b & 1u << 16))
		return 0;
#endif
#if AVX512DQ
	if (!(b & 1u << 17))
		return 0;
#endif
#if AVX512BW
	if (!(b & 1u << 30))
		return 0;
#endif
#if AVX512VL
	if (!(b & 1u << 31))
		return 0;
#endif
	return 1;
}
#else
static int net_cpu_serves(void)
{
	return 1;
}
#endif
