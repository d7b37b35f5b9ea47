/* What is written: a topology in the library's own format. */
#ifndef BENCH_XML_OUT_H
#define BENCH_XML_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Says of a host or a switch in a comment what it was called. */
void out_begin(FILE *file, const char *path, size_t hosts, size_t switches);
void out_called(FILE *file, char kind, size_t number, const char *name);

/* A link or a cable ends its line with what it is besides. */
void out_rate(FILE *file, double rate, double latency, bool half, bool fat);

#endif
