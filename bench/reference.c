/* The reference: the natural scalar kernels, patient by patient, as one would write them in C for this very regimen.
 *
 * One compartment, by mouth. After a dose D the level is w (x e^-kt - y e^-at) with x = y = D, w = 1000 a / (V (a - k)),
 * k = CL / V; all that is exponential is worked out once a patient. Arrays are (patient, dose) and (patient, time), row
 * by row; doses in mg, levels in ng/mL, time in hours. Nobody absorbs as slowly as they eliminate here.
 */
#include <math.h>
#include <stdint.h>

enum { PER_DAY = 2, HOURS = 12, NODES = 16, PROCESSES = 3, SLOTS = 64 };

static double weight(double ka, double k, double v) { return 1000.0 * ka / (v * (ka - k)); }

/* Case A: the level at the end of each day, before the next dose. One multiply-add a dose and exponential. */
void troughs(int64_t people, int64_t days, const double *ka, const double *cl, const double *v, const double *dose,
             double *level, int threads) {
#pragma omp parallel for num_threads(threads) schedule(dynamic, 64)
    for (int64_t p = 0; p < people; p++) {
        const double k = cl[p] / v[p], w = weight(ka[p], k, v[p]);
        const double ex = exp(-k * HOURS), ey = exp(-ka[p] * HOURS);
        const double *d = dose + p * days * PER_DAY;
        double *out = level + p * days;
        double x = 0.0, y = 0.0;
        for (int64_t day = 0; day < days; day++) {
            x = x * ex + d[PER_DAY * day];
            y = y * ey + d[PER_DAY * day];
            x = x * ex + d[PER_DAY * day + 1];
            y = y * ey + d[PER_DAY * day + 1];
            out[day] = w * (x * ex - y * ey);
        }
    }
}

/* Case B: the level at the end of each hour; the exponentials of the twelve hours are kept, the hours vectorised. */
void hourly(int64_t people, int64_t days, const double *ka, const double *cl, const double *v, const double *dose,
            double *level, int threads) {
#pragma omp parallel for num_threads(threads) schedule(dynamic, 64)
    for (int64_t p = 0; p < people; p++) {
        const double k = cl[p] / v[p], w = weight(ka[p], k, v[p]);
        const int64_t doses = days * PER_DAY;
        const double *d = dose + p * doses;
        double *out = level + p * doses * HOURS;
        double ex[HOURS], ey[HOURS], x = 0.0, y = 0.0;
        for (int h = 0; h < HOURS; h++) {
            ex[h] = w * exp(-k * (h + 1));
            ey[h] = w * exp(-ka[p] * (h + 1));
        }
        const double kept_x = exp(-k * HOURS), kept_y = exp(-ka[p] * HOURS);
        for (int64_t j = 0; j < doses; j++) {
            x = x * kept_x + d[j];
            y = y * kept_y + d[j];
#pragma omp simd
            for (int h = 0; h < HOURS; h++) out[j * HOURS + h] = x * ex[h] - y * ey[h];
        }
    }
}

/* Case C: level, effect, withdrawal and three adaptations at the end of each day.
 *
 * dA/dt = (E - A) / tau has A(t + h) = A(t) e^(-h/tau) + integral of e^(-(h - s)/tau) E(s) ds / tau, here by 16 nodes of
 * Gauss-Legendre in u with s = h u^2; pull holds the weights of the nodes, by process. The nodes are vectorised; the
 * divider is what bounds it (sharing a division by two nodes, lanes of patients, or a day at a time were no faster).
 */
void adaptation(int64_t people, int64_t days, const double *ka, const double *cl, const double *v, const double *dose,
                const double *node_h, const double *pull, const double *keep, const double *share, double ec50,
                double *level, double *effect, double *withdrawal, double *adapted, int threads) {
    const double *pull0 = pull, *pull1 = pull + NODES, *pull2 = pull + 2 * NODES;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 64)
    for (int64_t p = 0; p < people; p++) {
        const double k = cl[p] / v[p], w = weight(ka[p], k, v[p]);
        const double kept_x = exp(-k * HOURS), kept_y = exp(-ka[p] * HOURS);
        const int64_t doses = days * PER_DAY;
        const double *d = dose + p * doses;
        double ex[NODES], ey[NODES], x = 0.0, y = 0.0, a0 = 0.0, a1 = 0.0, a2 = 0.0;
        for (int i = 0; i < NODES; i++) {
            ex[i] = w * exp(-k * node_h[i]);
            ey[i] = w * exp(-ka[p] * node_h[i]);
        }
        for (int64_t j = 0; j < doses; j++) {
            double s0 = 0.0, s1 = 0.0, s2 = 0.0;
            x = x * kept_x + d[j];
            y = y * kept_y + d[j];
#pragma omp simd reduction(+ : s0, s1, s2)
            for (int i = 0; i < NODES; i++) {
                const double c = x * ex[i] - y * ey[i], e = c / (ec50 + c);
                s0 += pull0[i] * e;
                s1 += pull1[i] * e;
                s2 += pull2[i] * e;
            }
            a0 = a0 * keep[0] + s0;
            a1 = a1 * keep[1] + s1;
            a2 = a2 * keep[2] + s2;
            if (j % PER_DAY == PER_DAY - 1) {
                const int64_t day = j / PER_DAY, at = p * days + day;
                const double c = w * (x * kept_x - y * kept_y), e = c / (ec50 + c);
                const double lacking = share[0] * (a0 - e) + share[1] * (a1 - e) + share[2] * (a2 - e);
                level[at] = c;
                effect[at] = e;
                withdrawal[at] = lacking > 0.0 ? lacking : 0.0;
                adapted[p * PROCESSES * days + day] = a0;
                adapted[(p * PROCESSES + 1) * days + day] = a1;
                adapted[(p * PROCESSES + 2) * days + day] = a2;
            }
        }
    }
}

/* Case G: doses at any time and looks at any time, both ascending; a look at the moment of a dose comes before it.
 * The exponentials of a length of time are remembered while there is room for them. */
void anytime(int64_t people, int64_t doses, int64_t looks, const double *ka, const double *cl, const double *v,
             const double *taken_h, const double *dose, const double *look_h, double *level, int threads) {
#pragma omp parallel for num_threads(threads) schedule(dynamic, 64)
    for (int64_t p = 0; p < people; p++) {
        const double k = cl[p] / v[p], w = weight(ka[p], k, v[p]);
        double length[SLOTS], ex[SLOTS], ey[SLOTS], x = 0.0, y = 0.0, now = 0.0;
        int known = 0;
        int64_t look = 0;
        for (int64_t j = 0; j <= doses; j++) {
            const double until = j < doses ? taken_h[j] : INFINITY;
            for (;;) {
                const int looking = look < looks && look_h[look] <= until;
                const double next = looking ? look_h[look] : until;
                if (!looking && j == doses) break;
                const double step = next - now;
                if (step > 0.0) {
                    int i = 0;
                    while (i < known && length[i] != step) i++;
                    if (i == known) {
                        if (known < SLOTS - 1) known++;
                        length[i] = step;
                        ex[i] = exp(-k * step);
                        ey[i] = exp(-ka[p] * step);
                    }
                    x *= ex[i];
                    y *= ey[i];
                    now = next;
                }
                if (!looking) break;
                level[p * looks + look++] = w * (x - y);
            }
            if (j < doses) {
                x += dose[p * doses + j];
                y += dose[p * doses + j];
            }
        }
    }
}
