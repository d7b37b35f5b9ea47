// What tests/test_exceptions.sh compiles: bodies in C++ that wait while an
// exception is on its way or being handled, as others do meanwhile.

#include <distsys.h>

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

namespace {

int mistakes;

void expect(bool fact)
{
    if (!fact)
        mistakes++;
}

// Its destructor runs while the stack is unwound.
struct waits_on_the_way_out {
    ds_handle *h;
    ~waits_on_the_way_out()
    {
        ds_sleep(h, ds_random(h));
        expect(std::uncaught_exception());
    }
};

void throw_one(ds_handle *h, const std::string &text)
{
    waits_on_the_way_out guard = { h };

    ds_sleep(h, ds_random(h));
    throw std::runtime_error(text);
}

void handle_one(ds_handle *h, const std::string &text)
{
    try {
        throw_one(h, text);
    } catch (const std::runtime_error &caught) {
        ds_sleep(h, ds_random(h));
        expect(caught.what() == text);
        try {
            throw; // the one being handled here, not elsewhere
        } catch (const std::runtime_error &again) {
            expect(again.what() == text);
            ds_sleep(h, ds_random(h));
        }
    }
    expect(!std::uncaught_exception());
}

void body(ds_handle *h, void *arg)
{
    const char *name = static_cast<const char *>(arg);

    for (int i = 0; i < 10; i++)
        handle_one(h, std::string(name) + " too long to fit into a string " +
                          static_cast<char>('0' + i));
}

} // namespace

int main()
{
    ds_loop *loop = ds_loop_new(nullptr);
    char names[] = "a\0b\0c\0d\0e\0f";

    for (int i = 0; i < 6; i++)
        ds_spawn(loop, body, names + 2 * i);
    ds_status status = ds_loop_run(loop);
    std::printf("%d mistakes, %s\n", mistakes, ds_strstatus(status));
    ds_loop_free(loop);
    return status != DS_OK || mistakes > 0;
}
