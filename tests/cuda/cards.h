/* cards.h -- devices as cuDNN wants them described, for plans that are made without one: see shim/cudnn_deviceless.cc.
 *
 * What a capability says (shared memory, blocks and threads of a multiprocessor) is from the table of compute capabilities in
 * NVIDIA's CUDA C++ Programming Guide; the rest from the products' data sheets and the architectures' white papers: numbers of
 * multiprocessors, boost clocks, caches, memory. The names of the properties were found by trial with cuDNN 9.19: there is no
 * list of them. Truth values are 0 and 1 there. */
#ifndef TESTS_CUDA_CARDS_H
#define TESTS_CUDA_CARDS_H

#include "tests/shell.h"

typedef struct Card {
	const char *name;
	int capability;          /* 90: sm_90 */
	int processors;          /* multiprocessors */
	int shared, reserved;    /* bytes of shared memory that a block may ask for, and those that the system keeps of each block */
	int blocks, threads;     /* of a multiprocessor */
	int cache, memory;       /* MiB, GB */
	int clock, memory_clock; /* MHz */
} Card;

static const Card cards[] = {
    {"T4", 75, 40, 65536, 0, 16, 1024, 4, 16, 1590, 5001},
    {"A100", 80, 108, 166912, 1024, 32, 2048, 40, 80, 1410, 1593},
    {"L4", 89, 58, 101376, 1024, 24, 1536, 48, 24, 2040, 6251},
    {"H200", 90, 132, 232448, 1024, 32, 2048, 60, 141, 1980, 3201},
    {"B200", 100, 148, 232448, 1024, 32, 2048, 126, 180, 1965, 3996},
    {"RTX 5090", 120, 170, 101376, 1024, 24, 1536, 96, 32, 2407, 14001},
};

static void write_card(const Card *c, const char *path)
{
	char text[2048];
	snprintf(
	    text, sizeof text,
	    "{\"deviceName\":\"NVIDIA %s\",\"deviceVer\":%d,\"driverVer\":13000,\"cudaDeviceId\":0,\"pciDeviceId\":0,\"isTccDriver\":0,"
	    "\"supportCoopLaunch\":1,\"regsPerBlock\":65536,\"multiProcessorCount\":%d,\"maxGridSize\":[2147483647,65535,65535],"
	    "\"maxBlockSize\":[1024,1024,64],\"warpSize\":32,\"maxSharedMemoryPerBlock\":49152,\"maxSharedMemoryPerBlockOptin\":%d,"
	    "\"reservedSharedMemoryPerBlock\":%d,\"maxRegistersPerSM\":65536,\"maxCtasPerSM\":%d,\"maxThreadsPerBlock\":1024,"
	    "\"maxThreadsPerSM\":%d,\"totalGlobalMem\":%lld,\"smClockRateKHz\":%d,\"memClockRateKHz\":%d,\"l2CacheSize\":%d}",
	    c->name, c->capability * 10, c->processors, c->shared, c->reserved, c->blocks, c->threads, c->memory * 1000000000LL,
	    c->clock * 1000, c->memory_clock * 1000, c->cache << 20);
	write_text(path, text);
}

#endif
