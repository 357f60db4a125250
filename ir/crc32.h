/* crc32.h -- the CRC-32 of zip and PNG (polynomial 0xedb88320), for weights in files. */
#ifndef IR_CRC32_H
#define IR_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Begins with CRC32_BEGIN; crc32_end() of the last result is the CRC of all bytes in order. */
#define CRC32_BEGIN 0xffffffffu
uint32_t crc32_add(uint32_t crc, const void *bytes, size_t size);
uint32_t crc32_end(uint32_t crc);

#endif
