/* cudnn_deviceless.cc -- stands between an emitted program and the real cuDNN where there is no device: whether the library
 * accepts what the program asks for, and makes plans of it for a card that is only described. Nothing is executed.
 *
 * Since 9.8 cuDNN takes the properties of a device as text in place of a handle. Descriptors are the library's own; a few
 * attributes are set otherwise on their way. The older interface wants a real handle: it is noted, and succeeds without
 * doing anything.
 *
 * What cuDNN can only ask a device, it does not get: kernels for sm_90 that place blocks in clusters are not proposed here.
 *
 * A plan takes as long as its kernel takes to compile: of some convolutions only the plans are not made, but taken for granted.
 *
 * At exit one line for each convolution goes to standard output, and one for each refusal before it, with cuDNN's own words:
 *
 *     refused: WHAT: STATUS: TEXT
 *     convolution N accepted A proposals P plans F granted G refused R older O workspace BYTES
 *
 * Environment:
 *   DSSDC_PLANS_DEVICE=FILE  the properties, as JSON
 *   DSSDC_PLANS_EACH=N       plans are made for one convolution of N, for all if not said
 *
 * The loader must find libcudnn.so.9, and as libcuda.so.1 what libcuda_idle.c makes.
 */
#include <cuda_runtime.h>
#include <cudnn.h>
#include <dlfcn.h>
#include <map>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <vector>

namespace {

[[noreturn]] void wrong(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("cudnn without a device: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(70);
}

/* The function of the real library that has this name. */
template <typename F> F *real(const char *name)
{
	static void *const library = dlopen("libcudnn.so.9", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		wrong("%s", dlerror());
	void *found = dlsym(library, name);
	if (!found)
		wrong("%s", dlerror());
	return (F *)found;
}
#define REAL(function) real<decltype(function)>(#function)

struct Descriptor {
	cudnnBackendDescriptorType_t type;
	bool finished;
	int64_t workspace;
};

struct Convolution {
	std::vector<std::string> refused;
	int accepted, plans, granted, older;
	int64_t proposals, workspace;
};

std::map<void *, Descriptor> alive;
std::vector<Convolution> convolutions;
bool describing; /* the last one's graph */
cudnnBackendDescriptor_t device;

void report()
{
	for (size_t i = 0; i < convolutions.size(); i++) {
		const Convolution &c = convolutions[i];
		for (const std::string &r : c.refused)
			printf("refused: %s\n", r.c_str());
		printf("convolution %zu accepted %d proposals %lld plans %d granted %d refused %zu older %d workspace %lld\n", i, c.accepted,
		       (long long)c.proposals, c.plans, c.granted, c.refused.size(), c.older, (long long)c.workspace);
	}
}

Convolution &now()
{
	if (convolutions.empty())
		wrong("a call outside of any convolution");
	return convolutions.back();
}

cudnnStatus_t noted(const char *what, int which, cudnnStatus_t status)
{
	char text[1024] = "", line[1280];
	if (status == CUDNN_STATUS_SUCCESS)
		return status;
	REAL(cudnnGetLastErrorString)(text, sizeof text);
	text[strcspn(text, "\n")] = 0;
	snprintf(line, sizeof line, "%s %d: %s: %s", what, which, REAL(cudnnGetErrorString)(status), text);
	now().refused.push_back(line);
	describing = false;
	return status;
}

Descriptor &known(void *d)
{
	auto at = alive.find(d);
	if (at == alive.end())
		wrong("a descriptor that is not there");
	return at->second;
}

int64_t setting(const char *name, int64_t otherwise)
{
	const char *s = getenv(name);
	return s && *s ? strtol(s, nullptr, 10) : otherwise;
}

/* The properties of the card, instead of a handle. */
cudnnStatus_t describe_device()
{
	char json[4096] = "", text[1024] = "";
	const char *path = getenv("DSSDC_PLANS_DEVICE");
	FILE *f = path ? fopen(path, "rb") : nullptr;
	if (!f)
		wrong("DSSDC_PLANS_DEVICE names no file");
	const size_t n = fread(json, 1, sizeof json - 1, f);
	fclose(f);
	cudnnStatus_t status = REAL(cudnnBackendCreateDescriptor)(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, &device);
	if (status == CUDNN_STATUS_SUCCESS)
		status = REAL(cudnnBackendSetAttribute)(device, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, (int64_t)n + 1, json);
	if (status == CUDNN_STATUS_SUCCESS)
		status = REAL(cudnnBackendFinalize)(device);
	if (status != CUDNN_STATUS_SUCCESS) {
		REAL(cudnnGetLastErrorString)(text, sizeof text);
		wrong("%s is refused: %s", path, text);
	}
	return status;
}

cudnnStatus_t set(cudnnBackendDescriptor_t d, cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t count, const void *values)
{
	return noted("attribute", (int)name, REAL(cudnnBackendSetAttribute)(d, name, type, count, values));
}

cudnnStatus_t finish(cudnnBackendDescriptor_t d)
{
	return noted("descriptor", (int)known(d).type, REAL(cudnnBackendFinalize)(d));
}

cudnnStatus_t finish_plan(cudnnBackendDescriptor_t d)
{
	Descriptor &k = known(d);
	int64_t count = 0;
	if ((int64_t)(convolutions.size() - 1) % setting("DSSDC_PLANS_EACH", 1)) {
		now().granted++;
		return CUDNN_STATUS_SUCCESS;
	}
	cudnnStatus_t status = set(d, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &device);
	if (status == CUDNN_STATUS_SUCCESS)
		status = finish(d);
	if (status == CUDNN_STATUS_SUCCESS)
		status = noted("workspace of", (int)k.type,
		               REAL(cudnnBackendGetAttribute)(d, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &count, &k.workspace));
	now().plans += status == CUDNN_STATUS_SUCCESS;
	if (k.workspace > now().workspace)
		now().workspace = k.workspace;
	return status;
}

} /* namespace */

extern "C" {

cudnnStatus_t cudnnCreate(cudnnHandle_t *handle)
{
	*handle = (cudnnHandle_t)malloc(1);
	atexit(report);
	return describe_device();
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle)
{
	free(handle);
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t, cudaStream_t)
{
	return CUDNN_STATUS_SUCCESS;
}

const char *cudnnGetErrorString(cudnnStatus_t status)
{
	return REAL(cudnnGetErrorString)(status);
}

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type, cudnnBackendDescriptor_t *d)
{
	if (type == CUDNN_BACKEND_TENSOR_DESCRIPTOR && !describing) {
		convolutions.push_back({});
		describing = true;
	}
	cudnnStatus_t status = noted("new descriptor", (int)type, REAL(cudnnBackendCreateDescriptor)(type, d));
	if (status == CUDNN_STATUS_SUCCESS)
		alive[*d] = {type, false, 0};
	return status;
}

cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t d)
{
	known(d);
	alive.erase(d);
	return REAL(cudnnBackendDestroyDescriptor)(d);
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t d, cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t count,
                                       const void *values)
{
	if (known(d).finished)
		wrong("attribute %d is set after its descriptor was finished", (int)name);
	if (name == CUDNN_ATTR_OPERATIONGRAPH_HANDLE || name == CUDNN_ATTR_EXECUTION_PLAN_HANDLE)
		return CUDNN_STATUS_SUCCESS;
	return set(d, name, type, count, values);
}

cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t d)
{
	Descriptor &k = known(d);
	cudnnStatus_t status = CUDNN_STATUS_SUCCESS;
	if (k.finished)
		wrong("a descriptor of type %d is finished twice", (int)k.type);
	if (k.type == CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR)
		status = set(d, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &device);
	if (status == CUDNN_STATUS_SUCCESS)
		status = k.type == CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR ? finish_plan(d) : finish(d);
	k.finished = status == CUDNN_STATUS_SUCCESS;
	if (k.type == CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR) {
		now().accepted = k.finished;
		describing = false;
	}
	return status;
}

cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t d, cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t room,
                                       int64_t *count, void *values)
{
	const Descriptor &k = known(d);
	if (!k.finished)
		wrong("attribute %d is asked for before its descriptor was finished", (int)name);
	if (name == CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE) {
		memcpy(values, &k.workspace, sizeof k.workspace);
		*count = 1;
		return CUDNN_STATUS_SUCCESS;
	}
	cudnnStatus_t status = noted("attribute", (int)name, REAL(cudnnBackendGetAttribute)(d, name, type, room, count, values));
	void **const found = (void **)values;
	for (int64_t i = 0; status == CUDNN_STATUS_SUCCESS && type == CUDNN_TYPE_BACKEND_DESCRIPTOR && i < *count; i++)
		known(found[i]).finished = true;
	if (name != CUDNN_ATTR_ENGINEHEUR_RESULTS || status != CUDNN_STATUS_SUCCESS)
		return status;
	now().proposals += *count;
	return status;
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t, cudnnBackendDescriptor_t plan, cudnnBackendDescriptor_t pack)
{
	if (!known(plan).finished || !known(pack).finished)
		wrong("a plan or its pointers are used before they are finished");
	return CUDNN_STATUS_SUCCESS;
}

/* ---- the older interface ---- */

#define MAKE(Kind)                                                                                                   \
	cudnnStatus_t cudnnCreate##Kind##Descriptor(cudnn##Kind##Descriptor_t *d)                                    \
	{                                                                                                            \
		*d = (cudnn##Kind##Descriptor_t)malloc(1);                                                           \
		return CUDNN_STATUS_SUCCESS;                                                                         \
	}                                                                                                            \
	cudnnStatus_t cudnnDestroy##Kind##Descriptor(cudnn##Kind##Descriptor_t d)                                    \
	{                                                                                                            \
		free(d);                                                                                             \
		return CUDNN_STATUS_SUCCESS;                                                                         \
	}
MAKE(Tensor)
MAKE(Filter)
MAKE(Convolution)

cudnnStatus_t cudnnSetTensor4dDescriptorEx(cudnnTensorDescriptor_t, cudnnDataType_t, int, int, int, int, int, int, int, int)
{
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetFilter4dDescriptor(cudnnFilterDescriptor_t, cudnnDataType_t, cudnnTensorFormat_t, int, int, int, int)
{
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetConvolution2dDescriptor(cudnnConvolutionDescriptor_t, int, int, int, int, int, int, cudnnConvolutionMode_t, cudnnDataType_t)
{
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t, cudnnMathType_t)
{
	return CUDNN_STATUS_SUCCESS;
}

/* Asked once for each convolution, while plans are made. */
cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(cudnnHandle_t, const cudnnTensorDescriptor_t, const cudnnFilterDescriptor_t,
                                                     const cudnnConvolutionDescriptor_t, const cudnnTensorDescriptor_t, const int, int *count,
                                                     cudnnConvolutionFwdAlgoPerf_t *found)
{
	memset(found, 0, sizeof *found);
	*count = 1;
	now().older = 1;
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t, const void *, const cudnnTensorDescriptor_t, const void *, const cudnnFilterDescriptor_t, const void *,
                                      const cudnnConvolutionDescriptor_t, cudnnConvolutionFwdAlgo_t, void *, size_t, const void *,
                                      const cudnnTensorDescriptor_t, void *)
{
	return CUDNN_STATUS_SUCCESS;
}
}
