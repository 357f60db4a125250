/* weights.c -- the weights are those that this source was written with: net_load() takes them from the caller,
 * net_weights_fit() looks at those that were linked.
 *
 * The CRC takes four bits a step: a gigabyte in seconds, with a table of 64 bytes.
 *
 * ints: LOADED LINKED WEIGHTS (there are some) DEVICE (0, 1) ; words: MARK (the first 16 bytes of a file of weights, see
 * codegen/codegen.h)
 */
#ifndef DSSDC
#include <stddef.h>
#include <stdint.h>
#define LOADED 1
#define LINKED 1
#define WEIGHTS 1
#define DEVICE 0
#define MARK 0
#define NET_OK 0
#define NET_EINVAL (-1)
#define NET_EWEIGHTS (-3)
#define NET_ARENA_ALIGN 64
#define NET_WEIGHTS_SIZE 64
extern const unsigned char net_weights_head[16];
static struct {
	const float *weights;
} net_memory;
int net_load(const void *weights, size_t size);
#endif
#if LOADED
int net_load(const void *weights, size_t size)
{
	static const unsigned char mark[16] = {MARK};
#if WEIGHTS
	static const uint32_t nibble[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
#endif
	const unsigned char *bytes = (const unsigned char *)weights;
	uint32_t crc = 0xffffffffu, want = 0;

	if ((uintptr_t)weights % NET_ARENA_ALIGN != 0)
		return NET_EINVAL;
	if (!bytes || size != (size_t)NET_WEIGHTS_SIZE + 64)
		return NET_EWEIGHTS;
	for (int i = 0; i < 16; i++)
		if (bytes[i] != mark[i])
			return NET_EWEIGHTS;
	for (int i = 20; i < 64; i++)
		if (bytes[i] != 0)
			return NET_EWEIGHTS;
#if WEIGHTS
	for (size_t i = 0; i < (size_t)NET_WEIGHTS_SIZE; i++) {
		crc ^= bytes[64 + i];
		crc = crc >> 4 ^ nibble[crc & 15];
		crc = crc >> 4 ^ nibble[crc & 15];
	}
#endif
	for (int i = 0; i < 4; i++)
		want |= (uint32_t)bytes[16 + i] << 8 * i;
	if ((crc ^ 0xffffffffu) != want)
		return NET_EWEIGHTS;
#if DEVICE
	net_weights = bytes + 64;
#else
	net_memory.weights = (const float *)(const void *)(bytes + 64);
#endif
	return NET_OK;
}

#endif
#if LINKED
/* Are the weights that were linked those that this source was written with? Their head has their hash. */
static int net_weights_fit(void)
{
	static const unsigned char mark[16] = {MARK};
	int fit = 1;

	for (int i = 0; i < 16; i++)
		if (net_weights_head[i] != mark[i])
			fit = 0;
	return fit;
}

#endif
