/* rows.h -- the functions that kernels.def names. */
#ifndef CODEGEN_ROWS_H
#define CODEGEN_ROWS_H

#include "codegen/kernel.h"

typedef bool Accepts(const Target *t, const Node *n);
typedef bool Pays(const Target *t, const Node *n);
typedef void Choose(const Target *t, const Node *n, int plan[MAX_PLAN]);
typedef const char *Refuse(const Target *t, const Node *n, const int plan[MAX_PLAN]);
typedef void Bind(const Target *t, const Node *n, Bindings *b);
typedef int64_t Size(const Target *t, const Node *n);
typedef void Pack(const Target *t, const Node *n, void *out, Arena *scratch);
typedef void Halo(const Target *t, const Node *n, int i, int halo[4]);

/* kernels_plain.c */
Accepts all_plain_accepts, all_linear_accepts, concat_accepts, conv_plain_accepts, deconv_plain_accepts,
    pool_plain_accepts, affine_accepts, norm_accepts, l2norm_accepts, resize_accepts;
Bind conv_plain_bind, deconv_plain_bind, pool_plain_bind, affine_bind, norm_bind, l2norm_bind, softmax_bind,
    concat_bind, copy_bind, permute_bind, slice_bind, pad_bind, resize_bind;
Size affine_size;
Pack affine_pack;

/* kernels_tensor.c */
Accepts eltwise_plain_accepts, reduce_accepts;
Bind eltwise_plain_bind, reduce_bind, argmax_bind, cumsum_bind, topk_bind, lrn_bind, matmul_bind;

/* kernels_index.c */
Accepts nms_accepts;
Bind take_bind, gather_bind, gather_elements_bind, gather_nd_bind, scatter_elements_bind, scatter_nd_bind, nms_bind;

/* kernels_conv.c */
Accepts conv_tile_accepts, depthwise_accepts;
Choose conv_tile_choose, depthwise_choose;
Refuse conv_tile_refuse, depthwise_refuse;
Bind conv_tile_bind, depthwise_bind;
Size conv_tile_size, depthwise_size;
Pack conv_tile_pack, depthwise_pack;
Halo conv_halo;

/* kernels_winograd.c */
Accepts conv_winograd_accepts;
Pays conv_winograd_pays;
Choose conv_winograd_choose;
Refuse conv_winograd_refuse;
Bind conv_winograd_bind;
Size conv_winograd_scratch, conv_winograd_size;
Pack conv_winograd_pack;

/* kernels_cuda_map.c */
Accepts conv_any_accepts, deconv_any_accepts, depthwise_vector_accepts, map_any_accepts, eltwise_any_accepts, affine_any_accepts,
    concat_any_accepts, plain_any_accepts, matmul_any_accepts;
Bind conv_any_bind, deconv_any_bind, depthwise_vector_bind, pool_any_bind, eltwise_any_bind, affine_any_bind, l2norm_any_bind,
    softmax_rows_bind, concat_any_bind, copy_any_bind, permute_any_bind, slice_any_bind, pad_any_bind, resize_any_bind,
    reorder_any_bind, matmul_any_bind;
Size depthwise_vector_size;
Pack depthwise_vector_pack;

/* kernels_cudnn.c */
Accepts conv_cudnn_accepts;
Bind conv_cudnn_bind;
Size conv_cudnn_size;
Pack conv_cudnn_pack;

/* kernels_deconv.c */
Accepts deconv_tile_accepts;
Choose deconv_tile_choose;
Refuse deconv_tile_refuse;
Bind deconv_tile_bind;
Size deconv_tile_size;
Pack deconv_tile_pack;
Halo deconv_tile_halo;

/* kernels_map.c */
Accepts eltwise_map_accepts, pool_map_accepts, affine_map_accepts, l2norm_map_accepts, resize_map_accepts;
Bind eltwise_map_bind, pool_map_bind, affine_map_bind, l2norm_map_bind, resize_map_bind;
Size affine_map_size, l2norm_map_size;
Pack affine_map_pack, l2norm_map_pack;

/* kernels_move.c */
Accepts reorder_accepts;
Bind reorder_bind;

/* kernels_detect.c */
Accepts detect_accepts;
Bind detect_bind;
Size detect_scratch;

/* kernels_cuda_detect.c */
Bind detect_cuda_bind;
Size detect_cuda_scratch;

/* kernels_gemm.c */
Accepts conv_gemm_accepts;
Choose conv_gemm_choose;
Refuse conv_gemm_refuse;
Bind conv_gemm_bind;
Size conv_gemm_scratch, conv_gemm_size;
Pack conv_gemm_pack;

#endif
