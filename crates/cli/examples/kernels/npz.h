/* As much of NumPy's .npz as `ravine verify --kernel` needs: archives of little-endian arrays,
 * stored and not compressed. Every failure ends the program with status 2. */
#ifndef NPZ_H
#define NPZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void npz_fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(2);
}

static void *npz_room(size_t bytes) {
    void *room = calloc(bytes ? bytes : 1, 1);
    if (!room) npz_fail("out of memory");
    return room;
}

static uint32_t npz_get(const unsigned char *at, int bytes) {
    uint32_t value = 0;
    while (bytes--) value = value << 8 | at[bytes];
    return value;
}

/* The whole archive in memory. */
typedef struct {
    unsigned char *bytes;
    size_t length;
} Npz;

static Npz npz_read(const char *path) {
    Npz npz = {NULL, 0};
    FILE *file = fopen(path, "rb");
    if (!file) npz_fail("the first path cannot be read");
    long length = fseek(file, 0, SEEK_END) ? -1 : ftell(file);
    if (length < 0 || length == INT64_MAX) npz_fail("the first path is no file");
    npz.length = (size_t)length;
    rewind(file);
    npz.bytes = npz_room(npz.length);
    if (fread(npz.bytes, 1, npz.length, file) != npz.length) npz_fail("the first path ends early");
    fclose(file);
    return npz;
}

/* The numbers of the array `name`, 4 bytes each, and how many there are; kept until the end. */
static const void *npz_array(const Npz *npz, const char *name, size_t *count) {
    const unsigned char *at = npz->bytes, *end = npz->bytes + npz->length;
    while (end - at > 30 && npz_get(at, 4) == 0x04034b50) {
        uint32_t size = npz_get(at + 18, 4), name_length = npz_get(at + 26, 2);
        size_t before = 30 + (size_t)name_length + npz_get(at + 28, 2);
        if ((size_t)(end - at) < before || (size_t)(end - at) - before < size) npz_fail("the first path ends early");
        const unsigned char *array = at + before;
        size_t length = strlen(name);
        if (name_length == length + 4 && memcmp(at + 30, name, length) == 0) {
            uint32_t header = size < 10 ? 10 : 10 + npz_get(array + 8, 2); /* of the versions 1 */
            if (size < header) npz_fail("an array of the first path ends early");
            void *copy = npz_room(size - header);         /* at an address for any number */
            memcpy(copy, array + header, size - header);
            *count = (size - header) / 4;
            return copy;
        }
        at = array + size;
    }
    fprintf(stderr, "no array %s in the first path\n", name);
    exit(2);
}

static uint32_t npz_crc(uint32_t crc, const void *bytes, size_t length) {
    static uint32_t table[256];
    if (!table[1]) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
            table[i] = c;
        }
    }
    const unsigned char *at = bytes;
    crc = ~crc;
    while (length--) crc = table[(crc ^ *at++) & 255] ^ crc >> 8;
    return ~crc;
}

static void npz_put(FILE *file, uint32_t value, int bytes) {
    while (bytes--) {
        putc((int)(value & 255), file);
        value >>= 8;
    }
}

/* What an entry says of itself, at the front of its array and again at the end of the archive. */
static void npz_entry(FILE *file, const char *name, uint32_t crc, uint32_t size) {
    npz_put(file, 20, 2); /* version 2.0 of the format */
    npz_put(file, 0, 4);  /* no flags, not compressed */
    npz_put(file, 0x00210000, 4);
    npz_put(file, crc, 4);
    npz_put(file, size, 4);
    npz_put(file, size, 4);
    npz_put(file, (uint32_t)strlen(name) + 4, 2);
    npz_put(file, 0, 2);
}

/* Writes arrays of `counts[i]` numbers of type `type` ("<f4", "<f8") and `width` bytes each. */
static void npz_write(const char *path, int n, const char **names, const void **arrays,
                      const size_t *counts, const char *type, size_t width) {
    FILE *file = fopen(path, "wb");
    if (!file) npz_fail("the second path cannot be written");
    uint32_t starts[8], crcs[8], sizes[8];
    for (int i = 0; i < n; i++) {
        char header[129] = "\x93NUMPY\x01\x00\x76\x00";
        int used = snprintf(header + 10, 118, "{'descr': '%s', 'fortran_order': False, 'shape': (%zu,), }",
                            type, counts[i]);
        memset(header + 10 + used, ' ', (size_t)(117 - used));
        header[127] = '\n';
        size_t bytes = counts[i] * width;
        starts[i] = (uint32_t)ftell(file);
        crcs[i] = npz_crc(npz_crc(0, header, 128), arrays[i], bytes);
        sizes[i] = (uint32_t)(128 + bytes);
        npz_put(file, 0x04034b50, 4);
        npz_entry(file, names[i], crcs[i], sizes[i]);
        fprintf(file, "%s.npy", names[i]);
        fwrite(header, 1, 128, file);
        fwrite(arrays[i], 1, bytes, file);
    }
    uint32_t directory = (uint32_t)ftell(file);
    for (int i = 0; i < n; i++) {
        npz_put(file, 0x02014b50, 4);
        npz_put(file, 20, 2);
        npz_entry(file, names[i], crcs[i], sizes[i]);
        npz_put(file, 0, 10); /* no comment, first disk, no attributes */
        npz_put(file, starts[i], 4);
        fprintf(file, "%s.npy", names[i]);
    }
    uint32_t end = (uint32_t)ftell(file);
    npz_put(file, 0x06054b50, 4);
    npz_put(file, 0, 4);
    npz_put(file, (uint32_t)n, 2);
    npz_put(file, (uint32_t)n, 2);
    npz_put(file, end - directory, 4);
    npz_put(file, directory, 4);
    npz_put(file, 0, 2);
    if (fclose(file)) npz_fail("the second path cannot be written");
}

#endif
