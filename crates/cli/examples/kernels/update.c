/* The update of ravine's numeric contract in C.
 *
 *     cc -O2 -ffp-contract=off -o update update.c
 *     ravine verify --kernel ./update
 *
 * Without -ffp-contract=off a compiler may fuse a*v + b*g, which rounds once and not twice.
 * With -DBROKEN_TAIL the steps forget what does not fill a block of eight, and are found out.
 */
#include "npz.h"

#include <float.h>
#include <math.h>

enum { STEPS = 4 };

/* One step; what it does in which order is the contract. */
static void step(const int32_t options[3], const float numbers[6], size_t length, float *w,
                 float *v, const float *g) {
    const float s = numbers[0], e = numbers[1], a = numbers[2], b = numbers[3], c = numbers[4],
                d = numbers[5];
#ifdef BROKEN_TAIL
    length = length / 8 * 8;
#endif
    for (size_t i = 0; i < length; i++) {
        float grad = g[i], change;
        if (options[0] == 1) grad = s * grad;
        if (options[0] == 2) grad = grad > s ? s : grad < -s ? -s : grad;
        if (options[1] == 1) grad = grad + e * w[i];
        if (options[2] == 0) {
            change = c * grad;
        } else {
            v[i] = a * v[i] + b * grad;
            if (fabsf(v[i]) < FLT_MIN) v[i] = 0;
            change = c * v[i];
            if (options[2] == 2) change = change + d * grad;
        }
        if (options[1] == 2) w[i] = w[i] - e * w[i];
        w[i] = w[i] - change;
    }
}

int main(int count, char **words) {
    if (count != 3) npz_fail("usage: update IN.npz OUT.npz");
    Npz in = npz_read(words[1]);
    size_t cases, n;
    const int32_t *lengths = npz_array(&in, "lengths", &cases);
    const int32_t *options = npz_array(&in, "options", &n);
    const float *numbers = npz_array(&in, "numbers", &n);
    const float *grads = npz_array(&in, "grads", &n); /* n is that of all steps */
    size_t elements;
    const float *params = npz_array(&in, "params", &elements);

    float *all_params = npz_room(n * sizeof(float)), *all_velocity = npz_room(n * sizeof(float));
    float *w = npz_room(elements * sizeof(float)), *v = npz_room(elements * sizeof(float));
    memcpy(w, params, elements * sizeof(float));
    float *to_params = all_params, *to_velocity = all_velocity;
    for (size_t i = 0; i < cases; i++) {
        size_t length = (size_t)lengths[i];
        for (int t = 0; t < STEPS; t++) {
            step(options, numbers, length, w, v, grads);
            memcpy(to_params, w, length * sizeof(float));
            memcpy(to_velocity, v, length * sizeof(float));
            options += 3, numbers += 6, grads += length;
            to_params += length, to_velocity += length;
        }
        w += length, v += length;
    }

    const char *names[] = {"params", "velocity"};
    const void *arrays[] = {all_params, all_velocity};
    const size_t counts[] = {n, n};
    npz_write(words[2], 2, names, arrays, counts, "<f4", sizeof(float));
    return 0;
}
