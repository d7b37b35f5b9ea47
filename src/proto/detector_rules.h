/* Detectors by heartbeats: what a member knows of another, and the rules of
 * each kind, so that a test can put a wrong one in the place of a right one. */
#ifndef PROTO_DETECTOR_RULES_H
#define PROTO_DETECTOR_RULES_H

#include <distsys/detector.h>

enum { DS__GAPS = 100 };

/* Of the heartbeats of a member; gap i, between beats i and i + 1, is at
 * i % DS__GAPS. */
typedef struct ds__heard {
    double last;  /* when it came; at first, when this began */
    double wrong; /* how often it came while the member was suspected */
    size_t beats; /* how many there were */
    double gap[DS__GAPS];
} ds__heard;

struct ds_detector_member {
    const ds_detector *detector;
    const ds_detector_kind *kind;
    ds__heard *of; /* each member */
};

struct ds_detector_kind {
    double (*level)(const ds__heard *of, double period, double now);
    /* A heartbeat has come, of one that was suspected or not. */
    void (*hear)(ds__heard *of, double now, bool suspected);
};

void ds__detector_serve(ds_handle *h, ds_detector *d,
                        const ds_detector_kind *kind);

/* What a member thinks of another at a time of its clock. */
double ds__detector_level(const struct ds_detector_member *m, size_t of,
                          double now);

#endif
