// Thread-local objects are each image's own, from their first use to its end.
#include <cstdio>
#include <string>

extern "C" int rank();
extern "C" void next();

struct Object {
    std::string by;
    int n = 0;
    Object() : by(std::to_string(rank())) {}
    ~Object() { std::printf("%s: gone\n", by.c_str()); }
};

thread_local Object object;
static thread_local std::string last = "nobody";

int main()
{
    for (int i = 0; i <= rank(); i++) {
        object.n++;
        last = std::to_string(rank());
        next();
    }
    std::printf("%d: %d made by %s, and %s\n", rank(), object.n,
                object.by.c_str(), last.c_str());
}
