/* eltwise_plain.c -- op eltwise: act(fn(c0 * a, c1 * b, c)) of one to three operands of any type, broadcast, and cast.
 *
 * ints: N_ii (loops over the result), A_ii B_ii C_ii (steps of the operands, 0 where they stretch), ARITY (1 to 3), COEFFS
 * ACTON (0, 1), WHERE (1: integers, 2: floats are the condition), CAST (0: STORE, 1: float to integer, 2: integer to the
 * nearest, 3: to bool, 4: float to bool, 5: float to u64); words: TX TZ TV TY (element types), A B C R (types of the
 * numbers), LOADX LOADZ LOADV STORE, FN, FNALPHA, FNBETA, COEFF0, COEFF1, LEAST, MOST, ACT, ALPHA, BETA.
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const TX *x,
#if ARITY > 1
	const TZ *z,
#endif
#if ARITY > 2
	const TV *v,
#endif
	TY *y)
{
	int at = 0;

	for (int i_ii = 0; i_ii < N_ii; i_ii++) /* for ii */
	{
		const A a = LOADX(x[
			i_ii * A_ii + /* for ii */
			0]);
#if ARITY > 1
		const B b = LOADZ(z[
			i_ii * B_ii + /* for ii */
			0]);
#endif
#if ARITY > 2
		const C c = LOADV(v[
			i_ii * C_ii + /* for ii */
			0]);
#endif
#if WHERE == 1
		R r = a != 0 ? b : c;
#elif WHERE == 2
		R r = a >= 0 && a <= 0 ? c : b;
#elif ARITY == 2 && COEFFS
		R r = FN(COEFF0 * a, COEFF1 * b);
#elif ARITY == 2
		R r = FN(a, b);
#elif COEFFS
		R r = FN(COEFF0 * a, FNALPHA, FNBETA);
#else
		R r = FN(a, FNALPHA, FNBETA);
#endif
#if ACTON
		r = ACT(r, ALPHA, BETA);
#endif
#if CAST == 1
		y[at++] = (TY)net_to_integer((double)r, LEAST, MOST);
#elif CAST == 2
		y[at++] = (TY)net_limit(r, LEAST, MOST);
#elif CAST == 3
		y[at++] = r != 0;
#elif CAST == 4
		y[at++] = !(r >= 0 && r <= 0);
#elif CAST == 5
		y[at++] = (TY)net_to_u64((double)r);
#else
		y[at++] = STORE(r);
#endif
	}
}
