/* detect_input.h -- made-up predictions for tests of op detect: boxes that overlap, scores of every size. */
#ifndef TESTS_KERNELS_DETECT_INPUT_H
#define TESTS_KERNELS_DETECT_INPUT_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct DetectShape {
	int boxes, classes, background;
	bool logits, encoded, per_class; /* as softmax, variance_encoded and per_class of Detect */
} DetectShape;

static uint64_t seed = 1;

static double uniform(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(seed >> 11) / 9007199254740992.0;
}

/* spread: how far the logits of the background stand above the others; of probabilities, how small most are. */
static void make_detect_input(const DetectShape *s, double spread, float *loc, float *score, float *prior)
{
	for (int i = 0; i < s->boxes; i++) {
		double x = uniform(), y = uniform(), w = 0.05 + 0.4 * uniform(), h = 0.05 + 0.4 * uniform();
		double corner[4] = {x - w / 2, y - h / 2, x + w / 2, y + h / 2};
		for (int k = 0; k < 4; k++) {
			prior[4 * i + k] = (float)corner[k];
			prior[4 * (s->boxes + i) + k] = k < 2 ? 0.1f : 0.2f;
		}
		for (int k = 0; k < (s->per_class ? 4 * s->classes : 4); k++)
			loc[(s->per_class ? s->classes : 1) * 4 * i + k] = (float)((uniform() - 0.5) * (s->encoded ? 0.4 : 3));
		for (int k = 0; k < s->classes; k++)
			score[i * s->classes + k] =
			    (float)(s->logits ? 10 * uniform() + (k == s->background) * spread : pow(uniform(), spread));
	}
}

#endif
