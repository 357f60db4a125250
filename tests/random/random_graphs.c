/* random_graphs.c -- random-graphs [--count N] [--seed S]: seeds S to S + N - 1 through every judgement. */
#include "tests/random/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_number(const char *text, uint64_t *v)
{
	char *end;
	*v = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end;
}

int main(int argc, char **argv)
{
	enum { BATCH = 10 };
	uint64_t count = 100, seed = 1;
	for (int i = 1; i < argc; i += 2)
		if (i + 1 == argc || (strcmp(argv[i], "--count") && strcmp(argv[i], "--seed")) ||
		    !read_number(argv[i + 1], strcmp(argv[i], "--seed") ? &count : &seed)) {
			fprintf(stderr, "usage: random-graphs [--count N] [--seed S]\n");
			return 2;
		}
	int failed = 0;
	for (uint64_t done = 0; done < count; done += BATCH) {
		int n = (int)(count - done < BATCH ? count - done : BATCH);
		for (int i = 0; i < n; i++)
			failed += !judge_passes(seed + done + (uint64_t)i);
		failed += judge_programs(seed + done, n);
		fprintf(stderr, "%llu of %llu graphs, %d judgements failed\n", (unsigned long long)(done + (uint64_t)n),
		        (unsigned long long)count, failed);
	}
	return failed != 0;
}
