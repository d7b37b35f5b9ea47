/* A flight recorder; see the header. */

#include "loop/trace/flight.h"

#include <assert.h>
#include <stdlib.h>

ds__flight *ds__flight_new(size_t bytes)
{
    const size_t chunk = DS__CHUNK_SLOTS * DS__SLOT;
    const size_t count = (bytes + chunk - 1) / chunk + 1;
    const size_t most = (SIZE_MAX - sizeof(ds__flight)) / sizeof(ds__chunk);
    ds__flight *flight = NULL;

    if (count <= most)
        flight = malloc(sizeof(*flight) + count * sizeof(ds__chunk));
    if (flight == NULL)
        return NULL;
    flight->standing = (ds__standing){ 0 };
    flight->count = count;
    flight->first = 0;
    flight->used = 1;
    ds__encoder_init(&flight->encoder);
    return flight;
}

int ds__flight_open(ds__flight *flight, const char *name)
{
    return ds__trace_file_open(&flight->file, name, &flight->encoder,
                               DS__TRACE_LAST);
}

void ds__flight_free(ds__flight *flight)
{
    ds__trace_file_close(&flight->file);
    ds__standing_free(&flight->standing);
    free(flight);
}

static ds__chunk *chunk_at(ds__flight *flight, size_t i)
{
    return &flight->ring[(flight->first + i) % flight->count];
}

ds__chunk *ds__flight_turn(ds__flight *flight)
{
    assert(flight->used > 0 && flight->used <= flight->count);
    if (flight->used < flight->count)
        return chunk_at(flight, flight->used++);
    if (!ds__standing_keep(&flight->standing, chunk_at(flight, 0)))
        return NULL;
    flight->first = (flight->first + 1) % flight->count;
    return chunk_at(flight, flight->used - 1);
}

static size_t write_chunk(ds__flight *flight, const ds__chunk *chunk,
                          uint32_t flags)
{
    if (chunk->slots == 0)
        return 0;
    ds__encode_chunk(&flight->encoder, chunk, flags);
    ds__trace_file_write(&flight->file, &flight->encoder);
    return chunk->records;
}

size_t ds__flight_write(ds__flight *flight)
{
    size_t at = 0;
    size_t written = 0;

    ds__trace_file_restart(&flight->file, &flight->encoder, DS__TRACE_LAST);
    while (ds__standing_next(&flight->standing, &at, &flight->spare))
        write_chunk(flight, &flight->spare, DS__CHUNK_KEPT);
    for (size_t i = 0; i < flight->used; i++)
        written += write_chunk(flight, chunk_at(flight, i), 0);
    return written;
}
