/* entry.cu -- the functions of the header: memory, one CUDA graph, calls.
 *
 * net_open() copies the weights to the device, records every launch of a run in a CUDA graph and instantiates it. A run
 * sets the parameters of the graph's first kernel, which keeps them in device memory for the last one, and launches the
 * graph: nothing is allocated, nothing waits but the end of a call that hands results to the host. A stream that is
 * being captured gets plain launches instead, so that the caller's graph contains ours.
 *
 * parts: queue at
 * from the source: NET_QUEUES, of several NET_EVENTS; NET_TICKETS_AT, for a detector NET_CALLS_AT NET_RESULTS_AT, for pixels
 * NET_PIXELS_AT NET_PIXELS_SIZE; net_device_weights, net_device_memory, net_enqueue, net_preprocess
 * ints: DETECTOR PIXELS CALLER WEIGHTS LOADED LINKED TRACE LIBRARY (0, 1; see codegen/emit_cuda.c) QUEUES INPUT_AT INPUT_BYTES (the input
 * tensor of one image) ; words: TENSORS MISSING COPY_INPUTS COPY_OUTPUTS (of a network without detections)
 */
#if DETECTOR
static_assert(sizeof(net_call) * NET_BATCH <= NET_RESULTS_AT - NET_CALLS_AT, "the calls have their place");
static_assert(sizeof(net_result) * NET_BATCH <= NET_TICKETS_AT - NET_RESULTS_AT, "the results have their place");

#endif
#if !CALLER
static net_context net_own; /* of the calls without a context */

#endif
/* What a caller is told of a CUDA status; the status itself stays for net_device_error(). */
static int net_told(net_context *c, cudaError_t status)
{
	if (status == cudaSuccess)
		return NET_OK;
	c->status = (int)status;
	(void)cudaGetLastError(); /* so that it does not surface in somebody else's call */
	if (status == cudaErrorMemoryAllocation)
		return NET_ENOMEM;
	if (status == cudaErrorNoDevice || status == cudaErrorInsufficientDriver)
		return NET_ENODEVICE;
	if (status == cudaErrorNoKernelImageForDevice || status == cudaErrorInvalidDeviceFunction || status == cudaErrorUnsupportedPtxVersion)
		return NET_EARCH;
	return NET_EDEVICE;
}

/* Every launch of a run on a stream. */
#if DETECTOR
static cudaError_t net_launch_all(const net_context *c, const net_calls *calls, cudaStream_t stream)
#else
static cudaError_t net_launch_all(const net_context *c, cudaStream_t stream)
#endif
{
	net_queue q = {}; /* number 0 */

	q.stream = stream;
	q.memory = c->memory;
	q.tickets = net_at<unsigned int>(c->memory, NET_TICKETS_AT);
	q.library = c->library;
#if DETECTOR && QUEUES > 1
	net_enqueue(&q, c->memory, c->weights, calls, c);
#elif DETECTOR
	net_enqueue(&q, c->memory, c->weights, calls);
#elif QUEUES > 1
	net_enqueue(&q, c->memory, c->weights, c);
#else
	net_enqueue(&q, c->memory, c->weights);
#endif
	return q.status;
}

/* The launches as a graph, once. */
static cudaError_t net_record(net_context *c)
{
	size_t roots = 1;
	cudaGraph_t graph = NULL;
	cudaError_t launched, status;
#if DETECTOR
	net_calls calls = {};
#endif

	status = cudaStreamBeginCapture(c->stream, cudaStreamCaptureModeThreadLocal);
	if (status != cudaSuccess)
		return status;
#if DETECTOR
	launched = net_launch_all(c, &calls, c->stream);
#else
	launched = net_launch_all(c, c->stream);
#endif
	status = cudaStreamEndCapture(c->stream, &graph);
	c->recorded = graph;
	if (launched != cudaSuccess)
		return launched;
	if (status == cudaSuccess)
		status = cudaGraphGetRootNodes(graph, &c->first, &roots);
	if (status == cudaSuccess)
		status = cudaGraphInstantiate(&c->graph, graph, 0);
	if (status == cudaSuccess)
		status = cudaGraphUpload(c->graph, c->stream);
	return status;
}

#if LIBRARY
int32_t net_plan_table[NET_PLANS];

/* cuDNN and its plans, which are chosen while the network runs once. */
static cudaError_t net_plan_all(net_context *c)
{
	net_library *const l = static_cast<net_library *>(calloc(1, sizeof *l));
	cudaError_t status;
#if DETECTOR
	net_calls calls = {};
#endif

	c->library = l;
	if (!l)
		return cudaErrorMemoryAllocation;
	l->choice = &net_plan_table;
	for (int i = 0; i < NET_PLANS; i++)
		l->given |= (*l->choice)[i] != 0;
	l->status = cudnnCreate(&l->handle);
	l->building = 1;
#if DETECTOR
	status = l->status == CUDNN_STATUS_SUCCESS ? net_launch_all(c, &calls, c->stream) : cudaErrorUnknown;
#else
	status = l->status == CUDNN_STATUS_SUCCESS ? net_launch_all(c, c->stream) : cudaErrorUnknown;
#endif
	l->building = 0;
	c->library_status = (int)l->status;
	return status;
}

#endif
#if QUEUES > 1
/* The stream of a run; what has time runs beside it, on streams of lesser priority. */
static cudaError_t net_make_queues(net_context *c)
{
	int least = 0, greatest = 0;
	cudaError_t status = cudaDeviceGetStreamPriorityRange(&least, &greatest);

	if (status == cudaSuccess)
		status = cudaStreamCreateWithPriority(&c->stream, cudaStreamNonBlocking, greatest);
	for (int i = 0; i < NET_QUEUES - 1 && status == cudaSuccess; i++)
		status = cudaStreamCreateWithPriority(&c->side[i], cudaStreamNonBlocking, least);
	for (int i = 0; i < NET_EVENTS && status == cudaSuccess; i++)
		status = cudaEventCreateWithFlags(&c->event[i], cudaEventDisableTiming);
	return status;
}

#endif
static cudaError_t net_prepare(net_context *c)
{
#if QUEUES > 1
	cudaError_t status = net_make_queues(c);
#else
	cudaError_t status = cudaStreamCreateWithFlags(&c->stream, cudaStreamNonBlocking);
#endif
#if WEIGHTS
	void *weights = NULL;

	if (status != cudaSuccess)
		return status;
	status = cudaGetSymbolAddress(&weights, net_device_weights);
	c->weights = static_cast<unsigned char *>(weights);
	if (status == cudaSuccess)
		status = cudaMemcpyAsync(weights, net_weights, NET_WEIGHTS_SIZE, cudaMemcpyHostToDevice, c->stream);
#endif
	if (status == cudaSuccess)
		status = cudaMemsetAsync(c->memory, 0, NET_ARENA_SIZE, c->stream);
#if DETECTOR
	if (status == cudaSuccess)
		status = cudaHostAlloc(&c->pinned, NET_PINNED_SIZE, cudaHostAllocDefault);
#endif
#if LIBRARY
	if (status == cudaSuccess)
		status = net_plan_all(c);
#endif
#if !TRACE
	if (status == cudaSuccess)
		status = net_record(c);
#endif
	if (status == cudaSuccess)
		status = cudaStreamSynchronize(c->stream);
	return status;
}

#if CALLER
void net_close(net_context *c)
{
	if (!c)
		return;
#else
void net_close(void)
{
	net_context *const c = &net_own;

#endif
	if (c->graph)
		(void)cudaGraphExecDestroy(c->graph);
	if (c->recorded)
		(void)cudaGraphDestroy(c->recorded);
	if (c->pinned)
		(void)cudaFreeHost(c->pinned);
#if LIBRARY
	if (c->library) {
		net_library_close(c->library);
		free(c->library);
	}
	c->library = NULL;
#endif
#if QUEUES > 1
	for (int i = 0; i < NET_EVENTS; i++) {
		if (c->event[i])
			(void)cudaEventDestroy(c->event[i]);
		c->event[i] = NULL;
	}
	for (int i = 0; i < NET_QUEUES - 1; i++) {
		if (c->side[i])
			(void)cudaStreamDestroy(c->side[i]);
		c->side[i] = NULL;
	}
#endif
	if (c->stream)
		(void)cudaStreamDestroy(c->stream);
	c->graph = NULL;
	c->recorded = NULL;
	c->first = NULL;
	c->pinned = NULL;
	c->stream = NULL;
	c->ready = 0;
}

#if CALLER
int net_open(net_context *c, void *memory)
{
	static const net_context empty = {};
	cudaError_t status;

	if (!c || !memory || reinterpret_cast<uintptr_t>(memory) % NET_ARENA_ALIGN != 0)
		return NET_EINVAL;
	*c = empty;
	c->memory = static_cast<unsigned char *>(memory);
#else
int net_open(void)
{
	net_context *const c = &net_own;
	void *memory = NULL;
	cudaError_t status;

	if (c->ready)
		return NET_OK;
#endif
#if LOADED
	if (!net_weights)
		return NET_EWEIGHTS;
#endif
#if LINKED
	if (!net_weights_fit())
		return NET_EWEIGHTS;
#endif
#if !CALLER
	status = cudaGetSymbolAddress(&memory, net_device_memory);
	if (status != cudaSuccess)
		return net_told(c, status);
	c->memory = static_cast<unsigned char *>(memory);
#endif
	status = net_prepare(c);
	if (status != cudaSuccess) {
#if CALLER
		net_close(c);
#else
		net_close();
#endif
		return net_told(c, status);
	}
	c->ready = 1;
	return NET_OK;
}

/* NET_OK when a run can start on c. */
static int net_ready(const net_context *c)
{
#if CALLER
	return c && c->ready ? NET_OK : NET_EINVAL;
#else
	(void)c;
	return net_open(); /* the first call opens */
#endif
}

#if DETECTOR
/* One run on a stream; results are where the calls say when the stream gets there. */
static cudaError_t net_start(net_context *c, net_calls *calls, cudaStream_t stream)
{
#if TRACE
	return net_launch_all(c, calls, stream);
#else
	cudaStreamCaptureStatus capturing = cudaStreamCaptureStatusNone;
	cudaKernelNodeParams parameters = {};
	float *input = net_at<float>(c->memory, INPUT_AT);
	net_call *kept = net_at<net_call>(c->memory, NET_CALLS_AT);
	void *arguments[] = {calls, &input, &kept};
	cudaError_t status = cudaStreamIsCapturing(stream, &capturing);

	if (status == cudaSuccess && capturing != cudaStreamCaptureStatusNone)
		return net_launch_all(c, calls, stream);
	if (status == cudaSuccess)
		status = cudaGraphKernelNodeGetParams(c->first, &parameters);
	parameters.kernelParams = arguments;
	parameters.extra = NULL;
	if (status == cudaSuccess)
		status = cudaGraphExecKernelNodeSetParams(c->graph, c->first, &parameters);
	if (status == cudaSuccess)
		status = cudaGraphLaunch(c->graph, stream);
	return status;
#endif
}

/* Where the detections of image i of n go. */
static net_detection *net_row(net_detection *out, int i, int n, int max)
{
	(void)n;
	return out + (size_t)i * (size_t)max;
}

/* A run whose results go to the host: out[i * max] and counts[i] for image i of n. */
static int net_finish(net_context *c, net_calls *calls, int n, net_detection *out, int max, int *counts)
{
	const size_t bytes = sizeof(net_result) * NET_BATCH;
	const int most = max < NET_MAX_DETECTIONS ? max : NET_MAX_DETECTIONS;
	net_result *const results = static_cast<net_result *>(c->pinned);
	cudaError_t status = net_start(c, calls, c->stream);

	if (status == cudaSuccess)
		status = cudaMemcpyAsync(results, c->memory + NET_RESULTS_AT, bytes, cudaMemcpyDeviceToHost, c->stream);
	if (status == cudaSuccess)
		status = cudaStreamSynchronize(c->stream);
	if (status != cudaSuccess)
		return net_told(c, status);
	for (int i = 0; i < n; i++) {
		const int found = results[i].count, count = found < most ? found : most;

		counts[i] = count;
		if (count > 0)
			memcpy(net_row(out, i, n, max), results[i].detection, sizeof *out * (size_t)count);
	}
	return n;
}

static net_result *net_results(const net_context *c, int image)
{
	return net_at<net_result>(c->memory, NET_RESULTS_AT) + image;
}

#endif
#if DETECTOR && PIXELS
static int net_pixel_bytes(net_format format)
{
	return format == NET_GRAY ? 1 : format == NET_RGBA || format == NET_BGRA ? 4 : 3;
}

static int net_is_image(const net_image *i)
{
	return i->pixels && (unsigned)i->format <= (unsigned)NET_GRAY && i->width >= 1 && i->width <= 32767 &&
	       i->height >= 1 && i->height <= 32767 && i->stride >= i->width * net_pixel_bytes(i->format);
}

/* An image of the host into the device's memory, whole or as the samples that the resize reads. */
static cudaError_t net_upload(net_context *c, int i, const net_image *from, net_call *call)
{
	const size_t bytes = (size_t)net_pixel_bytes(from->format), row = bytes * (size_t)from->width;
	uint8_t *const pinned =
		static_cast<uint8_t *>(c->pinned) + NET_PINNED_PIXELS + (size_t)i * (size_t)NET_PIXELS_SIZE;
	unsigned char *const to = c->memory + NET_PIXELS_AT + (size_t)i * (size_t)NET_PIXELS_SIZE;
	const int height = from->height;
	const bool pairs = row * (size_t)height > (size_t)NET_PIXELS_SIZE;
	size_t size = 0;

	if (pairs) {
		net_gather(from->pixels, from->width, height, from->stride, (int)bytes, pinned);
		size = 4 * bytes * (size_t)NET_INPUT_WIDTH * (size_t)NET_INPUT_HEIGHT;
	} else {
		for (int y = 0; y < height && size + row <= (size_t)NET_PIXELS_SIZE; y++) {
			memcpy(pinned + size, from->pixels + (size_t)y * (size_t)from->stride, row);
			size += row;
		}
	}
	call->pairs = pairs;
	call->pixels = to;
	call->stride = (int32_t)row;
	return cudaMemcpyAsync(to, pinned, size, cudaMemcpyHostToDevice, c->stream);
}

static net_call net_call_of(const net_image *from, net_result *out, int max)
{
	net_call call = {};

	call.pixels = from->pixels;
	call.width = from->width;
	call.height = from->height;
	call.stride = from->stride;
	call.format = (int32_t)from->format;
	call.max = max;
	call.clip = 1;
	call.out = out;
	return call;
}

#if CALLER
int net_detect_batch(net_context *c, const net_image *images, int n, net_detection *out, int max, int *counts)
{
#else
int net_detect_batch(const net_image *images, int n, net_detection *out, int max, int *counts)
{
	net_context *const c = &net_own;
#endif
	const int ready = net_ready(c);
	cudaError_t status = cudaSuccess;
	net_calls calls = {};

	if (ready != NET_OK)
		return ready;
	if (!images || n < 1 || n > NET_BATCH || !counts || max < 0 || (!out && max != 0))
		return NET_EINVAL;
	for (int i = 0; i < n; i++)
		if (!net_is_image(&images[i]))
			return NET_EINVAL;
	for (int i = 0; i < n && status == cudaSuccess; i++) {
		calls.image[i] = net_call_of(&images[i], net_results(c, i), max < NET_MAX_DETECTIONS ? max : NET_MAX_DETECTIONS);
		status = net_upload(c, i, &images[i], &calls.image[i]);
	}
	return status == cudaSuccess ? net_finish(c, &calls, n, out, max, counts) : net_told(c, status);
}

#if CALLER
int net_detect(net_context *c, const uint8_t *pixels, int width, int height, int stride, net_format format,
               net_detection *out, int max)
#else
int net_detect(const uint8_t *pixels, int width, int height, int stride, net_format format, net_detection *out, int max)
#endif
{
	const net_image image = {pixels, width, height, stride, format};
	int count = 0;
#if CALLER
	const int done = net_detect_batch(c, &image, 1, out, max, &count);
#else
	const int done = net_detect_batch(&image, 1, out, max, &count);
#endif

	return done < 0 ? done : count;
}

#if CALLER
int net_detect_batch_device(net_context *c, const net_image *images, int n, net_result *out, cudaStream_t stream)
{
#else
int net_detect_batch_device(const net_image *images, int n, net_result *out, cudaStream_t stream)
{
	net_context *const c = &net_own;
#endif
	const int ready = net_ready(c);
	net_calls calls = {};

	if (ready != NET_OK)
		return ready;
	if (!images || n < 1 || n > NET_BATCH || !out)
		return NET_EINVAL;
	for (int i = 0; i < n; i++) {
		if (!net_is_image(&images[i]))
			return NET_EINVAL;
		calls.image[i] = net_call_of(&images[i], out + i, NET_MAX_DETECTIONS);
	}
	return net_told(c, net_start(c, &calls, stream));
}

#if CALLER
int net_detect_device(net_context *c, const uint8_t *pixels, int width, int height, int stride, net_format format,
                      net_result *out, cudaStream_t stream)
#else
int net_detect_device(const uint8_t *pixels, int width, int height, int stride, net_format format, net_result *out,
                      cudaStream_t stream)
#endif
{
	const net_image image = {pixels, width, height, stride, format};

#if CALLER
	return net_detect_batch_device(c, &image, 1, out, stream);
#else
	return net_detect_batch_device(&image, 1, out, stream);
#endif
}

#endif
#if DETECTOR
#if CALLER
int net_run(net_context *c, const float *input, net_detection *out, int max)
{
#else
int net_run(const float *input, net_detection *out, int max)
{
	net_context *const c = &net_own;
#endif
	const int ready = net_ready(c);
	int count = 0, done;
	cudaError_t status;
	net_calls calls = {};

	if (ready != NET_OK)
		return ready;
	if (!input || max < 0 || (!out && max != 0))
		return NET_EINVAL;
	calls.image[0].max = max < NET_MAX_DETECTIONS ? max : NET_MAX_DETECTIONS;
	calls.image[0].out = net_results(c, 0);
	status = cudaMemcpyAsync(c->memory + INPUT_AT, input, INPUT_BYTES, cudaMemcpyHostToDevice, c->stream);
	if (status != cudaSuccess)
		return net_told(c, status);
	done = net_finish(c, &calls, 1, out, max, &count);
	return done < 0 ? done : count;
}

#else
static void net_copy(net_context *c, void *to, const void *from, size_t size, cudaMemcpyKind kind)
{
	if (c->status == (int)cudaSuccess)
		c->status = (int)cudaMemcpyAsync(to, from, size, kind, c->stream);
}

#if CALLER
int net_run(net_context *c, TENSORS)
{
#else
int net_run(TENSORS)
{
	net_context *const c = &net_own;
#endif
	const int ready = net_ready(c);
	cudaError_t status;

	if (ready != NET_OK)
		return ready;
	if (MISSING)
		return NET_EINVAL;
	c->status = (int)cudaSuccess;
COPY_INPUTS
	status = (cudaError_t)c->status;
	if (status == cudaSuccess)
#if TRACE
		status = net_launch_all(c, c->stream);
#else
		status = cudaGraphLaunch(c->graph, c->stream);
#endif
	c->status = (int)status;
COPY_OUTPUTS
	status = (cudaError_t)c->status;
	if (status == cudaSuccess)
		status = cudaStreamSynchronize(c->stream);
	return net_told(c, status);
}

#endif
#if CALLER
const char *net_device_error(const net_context *c)
{
#else
const char *net_device_error(void)
{
	const net_context *const c = &net_own;
#endif
#if LIBRARY
	if (c->status == (int)cudaErrorUnknown && c->library_status != (int)CUDNN_STATUS_SUCCESS)
		return cudnnGetErrorString((cudnnStatus_t)c->library_status);
#endif
	return cudaGetErrorName((cudaError_t)c->status);
}
