/* libcuda_idle.c -- a driver that pretends to load kernels and does nothing else: libcuda.so.1 for the real cuDNN where there is
 * no device, see cudnn_deviceless.cc. The names are those that cuDNN 9.19 wants to find before it makes any plan. */

enum { STUB_LIBRARY = 34 }; /* what the toolkit's own stand-in answers */

static char handles[1 << 20]; /* their addresses are what is given out */
static long given;

static int give(void **handle)
{
	*handle = handles + given;
	given = (given + 16) % (long)sizeof handles;
	return 0;
}

int cuDriverGetVersion(int *version)
{
	*version = 13000;
	return 0;
}

int cuLibraryLoadData(void **library)
{
	return give(library);
}

int cuLibraryGetKernel(void **kernel)
{
	return give(kernel);
}

int cuLibraryGetModule(void **module)
{
	return give(module);
}

int cuKernelGetFunction(void **function)
{
	return give(function);
}

#define NOTHING(name)                \
	int name(void)               \
	{                            \
		return STUB_LIBRARY; \
	}
NOTHING(cuCtxGetCurrent)
NOTHING(cuCtxGetLimit)
NOTHING(cuCtxPopCurrent)
NOTHING(cuCtxPushCurrent)
NOTHING(cuDeviceGet)
NOTHING(cuDeviceGetCount)
NOTHING(cuGetErrorName)
NOTHING(cuGetErrorString)
NOTHING(cuKernelGetAttribute)
NOTHING(cuKernelSetAttribute)
NOTHING(cuLaunchCooperativeKernel)
NOTHING(cuLaunchKernel)
NOTHING(cuLaunchKernelEx)
NOTHING(cuLibraryLoadFromFile)
NOTHING(cuLibraryUnload)
NOTHING(cuLinkAddData)
NOTHING(cuLinkComplete)
NOTHING(cuLinkCreate)
NOTHING(cuLinkDestroy)
NOTHING(cuOccupancyMaxPotentialClusterSize)
NOTHING(cuStreamGetCtx)
